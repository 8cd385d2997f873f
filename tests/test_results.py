"""The files of a run are all new or all old, whatever fails while they are written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pipeline.atomic import atomic, repair, replace_all
from pipeline.errors import InputError
from pipeline.report.files import check, contents, names, write
from pipeline.request import Outcome
from pipeline.statistics.finish import finish
from pipeline.statistics.result import Source
from pipeline.statistics.summary import summarise
from tests.disk import NEW, Failing
from tests.pace import limit

OUTCOME = Outcome(
    (finish(summarise(np.arange(100) / 8, 10), (50,), Source("test.csv", 99, "x", 10)),)
)
OLD = {"a.csv": b"old a", "b.json": b"old b"}
"""One of the files is not there before."""

ROOT = Path(__file__).parents[1]


def found(folder: Path) -> dict[str, bytes]:
    """Return everything in a folder, what is hidden too; a folder in it shows as an empty file."""
    return {
        path.name: path.read_bytes() if path.is_file() else b"" for path in sorted(folder.iterdir())
    }


def put(folder: Path, files: dict[str, bytes] = OLD) -> None:
    for path in folder.iterdir():
        path.unlink()
    for name, data in files.items():
        (folder / name).write_bytes(data)


def calls(folder: Path) -> list[str]:
    """Return the calls of an undisturbed replacement, whose first is number 1."""
    put(folder)
    disk = Failing(0)
    replace_all(folder, NEW, disk)
    assert found(folder) == NEW
    return disk.calls


def test_each_call_may_fail(tmp_path):
    """Afterwards all files are as they were; without links on the disk all are new."""
    names = calls(tmp_path)
    assert {"write", "sync", "link", "rename"} == set(names)
    for number, name in enumerate(names, 1):
        put(tmp_path)
        if name == "link":
            replace_all(tmp_path, NEW, Failing(number))
            assert found(tmp_path) == NEW
            continue
        with pytest.raises(OSError, match="No space left"):
            replace_all(tmp_path, NEW, Failing(number))
        assert found(tmp_path) == OLD, (number, name)


DYING = """
import os, sys
from pathlib import Path
from tests.disk import Failing, NEW
from pipeline.atomic import replace_all
replace_all(Path(sys.argv[1]), NEW, Failing(int(sys.argv[2]), lambda: os._exit(9)))
"""


def test_a_process_may_die_at_each_call(tmp_path):
    """The next one finds all files old, or makes them so, and removes what the dead one left."""
    for number, name in enumerate(calls(tmp_path), 1):
        put(tmp_path)
        arguments = [sys.executable, "-c", DYING, tmp_path, str(number)]
        dead = subprocess.run(arguments, cwd=ROOT, timeout=limit(), check=False)
        assert dead.returncode == 9
        assert found(tmp_path) != OLD, "something was left"
        repair(tmp_path)
        assert found(tmp_path) == OLD, (number, name)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("again", [False, True])
def test_a_signal_at_each_call(tmp_path, number, again):
    """All files are old or all new, and the signal is not lost; nor with many of them."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(number, stop)
    try:
        for at, name in enumerate(calls(tmp_path), 1):
            put(tmp_path)
            disk = Failing(at, lambda: os.kill(os.getpid(), number), again)
            with pytest.raises(KeyboardInterrupt):
                replace_all(tmp_path, NEW, disk)
            assert found(tmp_path) in (OLD, NEW), (at, name)
    finally:
        signal.signal(number, before)


def test_a_signal_that_is_held_back_comes_once(tmp_path):
    """Who counts signals by `signal.set_wakeup_fd` sees one, as many as came."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    told, tell = os.pipe()
    os.set_blocking(tell, False)
    before, counting = signal.signal(signal.SIGINT, stop), signal.set_wakeup_fd(tell)
    try:
        put(tmp_path)
        at = calls(tmp_path).index("rename") + 1
        put(tmp_path)
        with pytest.raises(KeyboardInterrupt):
            replace_all(tmp_path, NEW, Failing(at, lambda: os.kill(os.getpid(), signal.SIGINT)))
        assert os.read(told, 10) == bytes([signal.SIGINT])
    finally:
        signal.set_wakeup_fd(counting)
        signal.signal(signal.SIGINT, before)
        os.close(told)
        os.close(tell)


ENDING = """
import sys
from pathlib import Path
from threading import Thread
from tests.disk import NEW
from pipeline.atomic import abandon, replace_all
threads = [Thread(target=abandon, args=(3600,)) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
replace_all(Path(sys.argv[1]), NEW)
"""


def test_a_process_that_ends_writes_nothing_more(tmp_path):
    """Several threads may say that it ends; none waits for another."""
    put(tmp_path)
    arguments = [sys.executable, "-c", ENDING, tmp_path]
    ended = subprocess.run(
        arguments, cwd=ROOT, timeout=limit(), check=False, capture_output=True, text=True
    )
    assert "the program is ending: its files are not written" in ended.stderr
    assert found(tmp_path) == OLD


def test_drafts_of_a_process_that_lives_stay(tmp_path):
    """Another run in the same folder removes what the dead left, and only that."""
    with atomic(tmp_path / "big.csv") as stream:
        stream.write("half")
        stream.flush()
        dead = tmp_path / ".dask-swarm.00000000.part"
        dead.mkdir()
        (dead / "other.csv.new").write_text("half")
        replace_all(tmp_path, NEW)
        assert not dead.exists()
        stream.write("whole")
    assert found(tmp_path) == NEW | {"big.csv": b"halfwhole"}


SECOND = """
import sys
from pathlib import Path
from tests.disk import Failing, NEW
from pipeline.atomic import replace_all
disk = Failing(0)
disk.turn_seconds = 0.1
replace_all(Path(sys.argv[1]), dict.fromkeys(NEW, b"other"), disk)
"""


def test_two_runs_into_one_folder(tmp_path):
    """While one renames its files another waits, and gives up when that takes for ever."""
    first = calls(tmp_path).index("rename") + 1
    put(tmp_path)
    ended: list[subprocess.CompletedProcess[str]] = []

    def second() -> None:
        arguments = [sys.executable, "-c", SECOND, str(tmp_path)]
        ended.append(
            subprocess.run(
                arguments, cwd=ROOT, capture_output=True, text=True, timeout=limit(), check=False
            )
        )

    replace_all(tmp_path, NEW, Failing(first + 1, second))
    assert f"another program has kept {tmp_path} locked" in ended[0].stderr
    assert found(tmp_path) == NEW
    second()
    assert ended[1].returncode == 0
    assert found(tmp_path) == dict.fromkeys(NEW, b"other")


def test_the_sentence_says_what_was_written(tmp_path):
    """After an error the user reads that nothing was changed, and that is so."""
    write(contents(OUTCOME), tmp_path)
    before = found(tmp_path)
    disk = Failing(0)
    write(contents(OUTCOME), tmp_path, disk=disk)
    for number, name in enumerate(disk.calls, 1):
        if name != "link":
            with pytest.raises(InputError, match=r"No space left .* no file in it was changed"):
                write(contents(OUTCOME), tmp_path, disk=Failing(number))
            assert found(tmp_path) == before


def test_old_files_that_cannot_be_put_back(tmp_path):
    """The sentence says so, and the next run with this folder puts them back first."""
    write(contents(OUTCOME), tmp_path)
    before = found(tmp_path)
    disk = Failing(0)
    write(contents(OUTCOME), tmp_path, disk=disk)
    first = disk.calls.index("rename") + 1

    class Dying(Failing):
        def rename(self, old, new):
            if len(self.calls) >= first:
                raise OSError(5, "Input/output error")
            super().rename(old, new)

    with pytest.raises(InputError, match=r"could not be put back .* run again"):
        write(contents(OUTCOME), tmp_path, disk=Dying(0))
    assert found(tmp_path) != before
    check(tmp_path, names())
    assert found(tmp_path) == before


@pytest.mark.parametrize("name", ["combined_results.csv", "results.json", "partitions.csv"])
def test_what_cannot_be_replaced_is_told_beforehand(tmp_path, name):
    """A folder in the place of a file is found before the run begins, and nothing is made."""
    out = tmp_path / "new" / "out"
    check(out, names(partials=True))
    assert not out.parent.exists()
    (out / name).mkdir(parents=True)
    with pytest.raises(InputError, match=f"{name} is not a regular file"):
        check(out, names(partials=True))
    assert found(out) == {name: b""}


def test_a_write_protected_file_is_told_beforehand(tmp_path):
    """Its renaming would fail; if it becomes so during the run, all files stay as they are."""
    results = tmp_path / "results.json"
    results.write_text("old")
    immutable = subprocess.run(["chattr", "+i", results], capture_output=True, check=False)
    if immutable.returncode:
        pytest.skip("files cannot be made immutable here")
    try:
        with pytest.raises(InputError, match=r"results\.json is write-protected"):
            check(tmp_path, names())
        with pytest.raises(InputError, match="no file in it was changed"):
            write(contents(OUTCOME), tmp_path)
        assert found(tmp_path) == {"results.json": b"old"}
    finally:
        subprocess.run(["chattr", "-i", results], check=True)


@pytest.fixture
def tiny(tmp_path):
    """A disk of 40 KiB."""
    if os.geteuid():
        pytest.skip("mounting needs root")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=40k", "tmpfs", tmp_path],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("mounting is forbidden here")
    yield tmp_path
    subprocess.run(["umount", tmp_path], check=True)


def test_a_full_disk(tiny):
    """It is full while the second file is written: all are old, and no draft takes its place."""
    put(tiny)
    big = NEW | {"b.json": b"x" * 50_000}
    with pytest.raises(OSError, match="No space left"):
        replace_all(tiny, big)
    assert found(tiny) == OLD
