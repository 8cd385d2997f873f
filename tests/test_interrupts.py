"""Ctrl-C and SIGTERM at any moment: one line, exit code 130 or 143, files old or new, soon."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.cli import interrupts
from pipeline.sample import LAYOUTS, render
from tests.pace import limit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[1]
SIGNALS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}
MOMENTS = 8
ROWS = 40_000


@dataclass
class Ended:
    """How a command ended: its exit code, what it said, and how long after the signal that was."""

    code: int
    out: str
    err: str
    seconds: float


def start(*arguments: object) -> subprocess.Popen[str]:
    """Start Python as a terminal does: whoever runs the tests may ignore signals."""

    def heed() -> None:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)

    return subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        preexec_fn=heed,  # noqa: PLW1509
    )


def stop(process: subprocess.Popen[str], *numbers: int) -> Ended:
    """Send signals, and wait for the end."""
    began = time.monotonic()
    for number in numbers:
        process.send_signal(number)
        time.sleep(0.1)  # two signals at once are one
    out, err = process.communicate(timeout=limit())
    return Ended(process.returncode, out, err, time.monotonic() - began)


def catches(process: subprocess.Popen[str]) -> bool:
    """Whether a process handles SIGTERM, as Linux knows it; or has ended."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    caught = status.partition("SigCgt:\t")[2].split()
    return process.poll() is not None or (
        bool(caught) and bool(int(caught[0], 16) >> (signal.SIGTERM - 1) & 1)
    )


def soon(condition: Callable[[], bool]) -> None:
    """Wait for a condition that lasts milliseconds, and so is asked for without a pause."""
    ends = time.monotonic() + limit()
    while not condition():
        assert time.monotonic() < ends


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("interrupts") / "data.csv"
    rows = render(LAYOUTS["bulk"], ROWS, seed=1, decimals=5, distinct=False)
    path.write_text("".join(rows), "utf-8")
    return path


def commands(source: Path, folder: Path) -> dict[str, tuple[list[object], list[Path]]]:
    """Return the arguments of each command, and the files that it writes to a folder."""
    parquet, sample = folder / "out.parquet", folder / "sample.csv"
    results = [folder / "combined_results.csv", folder / "results.json"]
    shared = ["--workers", 1, "--quiet"]
    return {
        "run": (["pipeline.run", source, "--output", folder, *shared], results),
        "convert": (["pipeline.convert", source, parquet, *shared], [parquet]),
        "sample": (["pipeline.sample", sample, "--rows", 200_000], [sample]),
    }


def check(ended: Ended, number: signal.Signals, files: list[Path]) -> None:
    """Check that all is as promised; a signal that came too late may find the work done."""
    folder = files[0].parent
    assert sorted(folder.iterdir()) == sorted(files), "something is left"
    old = [path.read_bytes() == b"old" for path in files]
    if ended.code == 0:
        assert not any(old)
        return
    assert ended.code == 128 + number, ended
    written = "no results were written" if all(old) else "the results were already written"
    assert ended.err.splitlines()[-1:] == [f"{SIGNALS[number]}: {written}"], ended
    assert all(old) or not any(old)


@pytest.mark.parametrize("name", ["run", "convert", "sample"])
def test_a_signal_at_any_moment(name, source, tmp_path):
    """Moments are drawn from the whole time between the first import and the end."""
    arguments, files = commands(source, tmp_path)[name]

    def begin() -> subprocess.Popen[str]:
        for path in files:
            path.write_bytes(b"old")
        process = start("-m", *arguments)
        soon(lambda: catches(process))
        return process

    assert stop(begin(), signal.SIGTERM).err == "terminated: no results were written\n"
    whole = stop(begin())
    assert whole.code == 0, whole
    moments = random.Random(name)
    for moment in range(MOMENTS):
        number = list(SIGNALS)[moment % 2]
        process = begin()
        time.sleep(whole.seconds * moments.random())
        ended = stop(process, number)
        check(ended, number, files)
        lines = [line for line in ended.err.splitlines() if not line.startswith(str(files[0]))]
        assert len(lines) == (ended.code != 0), ended


@pytest.mark.parametrize("name", ["run", "sample"])
def test_a_signal_as_the_results_appear(name, source, tmp_path):
    """It comes while drafts and old files are removed, or just after: nothing of them is left."""
    arguments, files = commands(source, tmp_path)[name]
    for path in files:
        path.write_bytes(b"old")
    process = start("-m", *arguments)
    old = files[0].stat().st_ino
    soon(lambda: files[0].stat().st_ino != old or process.poll() is not None)
    check(stop(process, signal.SIGINT), signal.SIGINT, files)


def test_a_signal_while_partitions_are_read(source, tmp_path):
    """Also when notices were printed before: the line is the last one, and the only new one."""
    arguments, files = commands(source, tmp_path)["run"]
    for path in files:
        path.write_bytes(b"old")
    process = start("-m", *arguments[:-1])
    assert process.stderr
    line = process.stderr.readline()
    while not line.startswith("dashboard:"):
        line = process.stderr.readline()
    ended = stop(process, signal.SIGINT)
    check(ended, signal.SIGINT, files)
    assert ended.code in (0, 130)


STUBBORN = """
import atexit, ctypes, hashlib, os, signal, sys, time
from pathlib import Path
from pipeline.cli.interrupts import catch, end, promise
catch()
promise([Path(sys.argv[2])])

def ready():
    print("ready", flush=True)

def swallow():
    # As in a compiler's callback: what is raised there is printed and forgotten.
    ctypes.CFUNCTYPE(None)(lambda: (ready(), time.sleep(60)))()
    time.sleep(600)

def callback_is_deaf():
    try:
        ready()
        time.sleep(60)
    except BaseException:
        time.sleep(600)

def compiler():
    ready()
    hashlib.pbkdf2_hmac("sha256", b"", b"", 1 << 30)

def half_written():
    from pipeline.atomic import atomic
    with atomic(Path(sys.argv[2])) as stream:
        stream.write("half")
        callback_is_deaf()

def at_exit():
    atexit.register(lambda: (ready(), time.sleep(1)))

def loud():
    try:
        ready()
        time.sleep(60)
    finally:
        os.write(2, b"noise")
        raise OSError("an error of the unwinding")

end(globals()[sys.argv[1]])
"""


@pytest.fixture
def stubborn(tmp_path) -> Iterator[Callable[..., Ended]]:
    """Run a function that does not end as it should; send signals when it is ready."""
    target = tmp_path / "target"
    target.write_text("old")

    def run(function: str, *numbers: int) -> Ended:
        process = start("-c", STUBBORN, function, target)
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        return stop(process, *numbers)

    yield run
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


@pytest.mark.parametrize(
    "function", ["swallow", "callback_is_deaf", "compiler", "half_written", "at_exit", "loud"]
)
@pytest.mark.parametrize("number", SIGNALS)
def test_a_main_thread_that_does_not_hear(stubborn, function, number):
    """The process ends all the same, in one line, and without its draft."""
    ended = stubborn(function, number)
    assert ended.code == 128 + number
    assert ended.err == f"{SIGNALS[number]}: no results were written\n"


def test_a_second_signal_ends_it_too(stubborn):
    """Pressing Ctrl-C twice ends a command sooner; the exit code is that of the first."""
    ended = stubborn("half_written", signal.SIGINT, signal.SIGTERM)
    assert ended.code == 130
    assert ended.err == "interrupted: no results were written\n"


def test_signals_that_are_ignored_stay_ignored(tmp_path):
    """As with nohup, or for a command that a script started in the background."""
    code = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN);" + STUBBORN
    process = start("-c", code, "at_exit", tmp_path / "target")
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    ended = stop(process, signal.SIGINT)
    assert (ended.code, ended.err) == (0, "")


def test_only_signals_of_ours_are_heeded_and_one_is_told_once(monkeypatch):
    """Others come the same way; where the main thread says the last line, nobody else does."""
    state = interrupts._State()
    state.last_word.acquire()
    monkeypatch.setattr(interrupts, "_state", state)
    monkeypatch.setattr(interrupts, "GRACE_SECONDS", 0.01)
    told, tell = os.pipe()
    os.write(tell, bytes([signal.SIGCHLD, signal.SIGTERM]))
    interrupts._watch(told)
    assert state.first == signal.SIGTERM
    os.write(tell, bytes([signal.SIGTERM]))  # ends the thread that waits for a second


def test_the_last_line_tells_of_a_mixture(tmp_path, monkeypatch):
    """Some results new and some old: a disk failed, and then the renames that would mend it."""
    state = interrupts._State()
    monkeypatch.setattr(interrupts, "_state", state)
    new, old = tmp_path / "new", tmp_path / "old"
    old.touch()
    interrupts.promise([new, old])
    new.touch()
    assert interrupts._sentence().startswith("only some results were written; the next run puts")
