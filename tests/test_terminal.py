"""What a person sees on a terminal: progress while a run goes on, and the last line over it."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.pace import limit
from tests.test_interrupts import ROOT, STUBBORN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLEARS = "\r\x1b[2K\x1b[?25h"
"""What goes to the line's beginning, clears it and shows the cursor."""


class Terminal:
    """A terminal for the standard error of one command."""

    def __init__(self, folder: Path) -> None:
        """Open it, as wide as a table needs; commands run in `folder`."""
        self._screen, self._end = pty.openpty()
        self._folder = folder

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        """Start Python; what it prints goes to a pipe, what it says to the terminal."""
        started = subprocess.Popen(
            [sys.executable, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=self._end,
            text=True,
            cwd=self._folder,
            env=os.environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "200"},
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )
        os.close(self._end)
        return started

    def shown(self) -> str:
        """Return all that came until the command closed its end."""
        found = b""
        with suppress(OSError):  # so a terminal says that nobody is there any more
            while more := os.read(self._screen, 1 << 16):
                found += more
        os.close(self._screen)
        return found.decode()


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    return Terminal(tmp_path)


def test_a_run_shows_how_far_it_is(terminal, tmp_path):
    """All partitions and values, and then nothing of it is left but the notices."""
    (tmp_path / "x.csv").write_text("x\n" + "1\n2\n3\n" * 99)
    run = terminal.start("-m", "pipeline.run", "x.csv", "--column", "x", "--partitions", "3")
    shown = terminal.shown()
    assert run.wait(limit()) == 0, shown
    assert "3/3 partitions" in shown
    assert "297 values" in shown


def test_the_last_line_stands_where_progress_stood(terminal, tmp_path):
    """Cursor and line are as the shell wants them."""
    (tmp_path / "target").write_text("old")
    run = terminal.start("-c", STUBBORN, "swallow", tmp_path / "target")
    assert run.stdout
    assert run.stdout.readline() == "ready\n"
    run.send_signal(signal.SIGINT)
    assert terminal.shown() == f"{CLEARS}interrupted: no results were written\r\n"
    assert run.wait(limit()) == 130
