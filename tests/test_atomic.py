"""A file is complete under its name, or not there."""

from __future__ import annotations

import errno
import signal
import subprocess
import sys

import pytest

from pipeline.atomic import atomic, repair


def test_a_file_appears_only_when_complete(tmp_path):
    """A failure while writing leaves what was under the name before, and nothing beside it."""
    path = tmp_path / "results.json"
    path.write_text("old")

    def write_half() -> None:
        with atomic(path) as stream:
            stream.write("new")
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        write_half()
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [
        ("results.json", "old")
    ]


def test_a_complete_file_replaces_the_old_one(tmp_path):
    """The new content lies under the name, its line ends as written, and nothing beside it."""
    path = tmp_path / "results.csv"
    path.write_text("old")
    with atomic(path) as stream:
        stream.write("a,b\r\n1,2\n")
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [
        ("results.csv", b"a,b\r\n1,2\n")
    ]


def test_a_device_is_never_replaced(tmp_path):
    """What is not a regular file is refused instead of being renamed away."""
    with pytest.raises(OSError, match="not a regular file"), atomic(tmp_path):
        raise AssertionError("the block must not run")


def test_a_share_without_locks_is_written_all_the_same(tmp_path, monkeypatch):
    """As NFS is, which locks no folder."""

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    with atomic(tmp_path / "results.csv") as stream:
        stream.write("new")
    assert [file.read_text() for file in tmp_path.iterdir()] == ["new"]


def test_a_signal_that_is_ignored_stays_ignored(tmp_path):
    """Also while files are renamed."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with atomic(tmp_path / "results.csv") as stream:
            stream.write("new")
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


STRUCK = """
import os, signal, sys
from pathlib import Path
from pipeline.atomic import Disk, replace_all
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_DFL)

class Struck(Disk):
    def rename(self, old, new):
        for number in (signal.SIGINT, signal.SIGTERM):
            os.kill(os.getpid(), number)
        super().rename(old, new)

replace_all(Path(sys.argv[1]), {"a": b"new", "b": b"new"}, Struck())
print("not ended")
"""


def test_a_signal_nobody_handles_ends_a_program_behind_its_renames(tmp_path):
    """A program of somebody else's, which heeds one signal as Python does and ignores the other."""
    (tmp_path / "a").write_text("old")
    done = subprocess.run(
        [sys.executable, "-c", STRUCK, tmp_path], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (-signal.SIGTERM, ""), done.stderr
    repair(tmp_path)
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {"a": "new", "b": "new"}


BUSY = """
import sys, threading
from pathlib import Path
from pipeline import atomic
with atomic._renaming, atomic._staged(Path(sys.argv[1]), atomic.DISK):
    thread = threading.Thread(target=atomic.abandon, args=(0.01,))
    thread.start()
    thread.join()
    print(len(list(Path(sys.argv[1]).iterdir())))
"""


def test_renames_that_do_not_end_keep_their_drafts(tmp_path):
    """What waits for a disk that does not answer is left to the next run."""
    done = subprocess.run(
        [sys.executable, "-c", BUSY, tmp_path], capture_output=True, text=True, check=False
    )
    assert done.stdout == "1\n", done.stderr
