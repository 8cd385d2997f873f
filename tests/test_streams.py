"""Stderr that is closed or full costs nobody his results; stdout that is, is told in a sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.cli.terminal import exits
from tests.cases import GOOD
from tests.pace import limit

ROOT = Path(__file__).parents[1]
RUN = "-m pipeline.run data.csv --column x --workers 1"
CONVERT = "-m pipeline.convert data.csv data.parquet --columns x --numbers x --workers 1"
SAMPLE = "-m pipeline.sample sample.csv --rows 10"
WRITTEN = {
    RUN: ["combined_results.csv", "results.json"],
    CONVERT: ["data.parquet"],
    SAMPLE: ["sample.csv"],
}
CLOSED = ["2>&-", "2>/dev/full", "2>&1 >&3 3>&- | true", "0<&- 1>&- 2>&-"]


def shell(folder: Path, arguments: str, streams: str) -> subprocess.CompletedProcess[str]:
    """Run a command with its streams led somewhere; its own stdout is also number 3."""
    (folder / "data.csv").write_text(GOOD)
    line = f"exec 3>&1; set -o pipefail; {sys.executable} {arguments} {streams}"
    return subprocess.run(
        ["bash", "-c", line],
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        timeout=limit(),
        check=False,
    )


@pytest.mark.parametrize("arguments", [f"{RUN} --json", CONVERT, SAMPLE], ids=lambda a: a[3:20])
@pytest.mark.parametrize("streams", CLOSED[:3])
def test_nobody_reads_stderr(arguments, streams, tmp_path):
    """The command ends well, its results are written, and stdout holds nothing else."""
    done = shell(tmp_path, arguments, streams)
    assert done.returncode == 0, done
    for name in WRITTEN[arguments.removesuffix(" --json")]:
        assert (tmp_path / name).stat().st_size
    if arguments.endswith("--json"):
        assert json.loads(done.stdout)["count"]


@pytest.mark.parametrize("arguments", [RUN, f"{RUN} --json", CONVERT], ids=lambda a: a[3:])
@pytest.mark.parametrize(
    ("streams", "why"), [(">/dev/full", "No space left on device"), (">&-", "it is closed")]
)
def test_stdout_takes_nothing(arguments, streams, why, tmp_path):
    """The command fails; the sentence says why, and which files are there all the same."""
    done = shell(tmp_path, f"{arguments} --quiet", streams)
    names = WRITTEN[arguments.removesuffix(" --json")]
    assert done.returncode == 1
    assert done.stderr == (
        f"error: nothing can be printed to stdout ({why}); written nevertheless: "
        f"{', '.join(names)}\n"
    )
    for name in names:
        assert (tmp_path / name).stat().st_size


def test_no_stream_at_all(tmp_path):
    """What is opened first does not become stdout or stderr: the files hold what they should."""
    done = shell(tmp_path, RUN, CLOSED[3])
    assert done.returncode == 1
    assert json.loads((tmp_path / "results.json").read_text())["count"]
    assert (tmp_path / "data.csv").read_text() == GOOD


def test_an_error_of_the_system_is_a_sentence(tmp_path, capsys):
    """It names the file and what to ask; its number is of no use."""
    gone = tmp_path / "gone.csv"
    with pytest.raises(SystemExit), exits(verbose=False):
        gone.read_text()
    sentence = f"error: {gone} is not there any more; was it moved or deleted meanwhile?\n"
    assert capsys.readouterr().err == sentence
    with pytest.raises(SystemExit), exits(verbose=False):
        raise OSError(5, "Input/output error")
    assert capsys.readouterr().err.startswith("error: Input/output error; run again with --verbose")
