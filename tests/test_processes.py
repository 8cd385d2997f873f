"""The parent of a node's worker processes: none is left alone, and none stays behind."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from service.processes import supervise

from tests.pace import limit, until

LEAVES = """
import pathlib, signal, sys
note = pathlib.Path(sys.argv[1])
def leave(*_):
    note.with_suffix(".left").touch()
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
note.touch()
while True:
    signal.pause()
"""
STAYS = """
import os, pathlib, signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
note = pathlib.Path(sys.argv[1])
note.with_suffix(".new").write_text(str(os.getpid()))
note.with_suffix(".new").rename(note)
while True:
    signal.pause()
"""
ENDS = """
import os, pathlib, sys
while not pathlib.Path(sys.argv[1]).exists():
    os.sched_yield()
{}
"""


def command(program: str, note: Path) -> list[str]:
    """Return the command of a program that touches a note once it runs, or waits for it."""
    return [sys.executable, "-c", program, str(note)]


def test_a_termination_is_passed_on_and_all_take_their_leave(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    """The code is 0, and nothing is said."""
    other = tmp_path / "other"
    terminates = "import signal; os.kill(os.getppid(), signal.SIGTERM); signal.pause()"
    commands = [command(LEAVES, other), command(ENDS.format(terminates), other)]
    assert asyncio.run(asyncio.wait_for(supervise(commands), limit())) == 0
    assert other.with_suffix(".left").exists()
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("end", "code", "how"),
    [
        ("sys.exit(3)", 3, "with code 3"),
        ("sys.exit(0)", 1, "with code 0"),
        ("os.kill(os.getpid(), 9)", 137, "by signal 9"),
    ],
)
def test_one_that_ends_ends_all_and_is_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], end: str, code: int, how: str
):
    """The other is let go in good order."""
    other = tmp_path / "other"
    commands = [command(LEAVES, other), command(ENDS.format(end), other)]
    assert asyncio.run(asyncio.wait_for(supervise(commands), limit())) == code
    assert other.with_suffix(".left").exists()
    assert capfd.readouterr().err == (
        f"worker process 2 of 2 has ended {how}; the others leave, and Docker Swarm starts all of "
        "them again\n"
    )


def test_one_that_does_not_leave_is_killed(tmp_path: Path):
    """Nothing is waited for without a limit."""
    other = tmp_path / "other"
    commands = [command(STAYS, other), command(ENDS.format("sys.exit(3)"), other)]
    assert asyncio.run(asyncio.wait_for(supervise(commands, 0.1), limit())) == 3
    until(lambda: not _runs(int(other.read_text())), "nobody left")


def _runs(process: int) -> bool:
    """Return whether a process has not ended; one that nobody has waited for has no command."""
    try:
        return bool(Path(f"/proc/{process}/cmdline").read_bytes())
    except FileNotFoundError:
        return False
