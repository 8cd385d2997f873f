"""`dask-swarm COMMAND` is `python -m` of its module."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.cli.console import main
from tests.pace import limit

ROOT = Path(__file__).parents[1]
START = "from pipeline.cli.console import main; main()"


def dask_swarm(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", START, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=limit(),
        check=False,
    )


@pytest.mark.parametrize("module", ["pipeline.run", "pipeline.convert", "pipeline.sample"])
def test_a_command_is_its_module(module):
    """With its own help and exit codes."""
    name = module.split(".")[1]
    asked = [[name, "--help"], [name, "--no-such-option"]]
    for words, code in zip(asked, (0, 2), strict=True):
        done = dask_swarm(*words)
        assert done.returncode == code
        assert f"python -m {module}" in done.stdout + done.stderr


def test_the_clusters_commands_are_there():
    done = dask_swarm("cluster", "--inventory", "nowhere.toml", "plan")
    assert (done.returncode, done.stdout) == (1, "")
    assert "nowhere.toml does not exist" in done.stderr


@pytest.mark.parametrize(
    ("words", "code"), [(["--help"], 0), ([], 2), (["fly"], 2)], ids=["help", "none", "unknown"]
)
def test_what_is_no_command_lists_the_commands(words, code, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["dask-swarm", *words])
    if code:
        with pytest.raises(SystemExit, match=str(code)):
            main()
    else:
        main()
    said = "".join(capsys.readouterr())
    assert all(f"\n  {name} " in said for name in ("run", "convert", "sample", "cluster"))
