"""Atomic writing: files are complete under their names, all of them together, or as they were.

The drafts lie in a hidden folder beside their targets, on the same disk. When all are flushed to
the disk, a journal is begun there, the old files are kept as hard links, and the drafts renamed.
An error or a signal in between puts the old files back. Only a power cut, or a process killed
within these milliseconds, can leave new files beside old ones, with the journal beside them: then
the next writing to the folder, or `repair`, puts the old ones back. It also removes the drafts of
dead processes; those that live hold a lock on theirs.

Several processes may write to one folder: they take turns by a lock on it. Where the file system
has no such locks on folders (NFS), the turns are missing, and so is the promise for two runs that
write at the same moment.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import signal
import threading
import time
from collections.abc import Iterable
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TextIO

_DRAFTS = ".dask-swarm.{}.part"
_POLL_SECONDS = 0.01

Content = bytes | Iterable[bytes]
"""What is in a file, whole or piece by piece."""

_renaming = threading.Lock()
_ending = threading.Event()
_stagings: set[Path] = set()


class MixedError(OSError):
    """Some files are new and others old, and the old ones could not be put back."""


class Disk:
    """The calls that may fail on a bad day: a test passes in a disk on which they do."""

    turn_seconds = 10.0
    """How long another process may keep a folder for itself, which it needs for milliseconds."""

    def write(self, stream: BinaryIO, data: bytes) -> None:
        """Write `data` to a `stream`, as far as the system's memory."""
        stream.write(data)
        stream.flush()

    def sync(self, descriptor: int) -> None:
        """Wait until what was written to the file or folder behind `descriptor` is on the disk."""
        os.fsync(descriptor)

    def link(self, old: Path, new: Path) -> None:
        """Give the file `old` another name, `new`."""
        new.hardlink_to(old)

    def rename(self, old: Path, new: Path) -> None:
        """Give the file `old` the name `new`, whatever had it before."""
        old.replace(new)


DISK = Disk()


@contextmanager
def atomic(path: Path) -> Iterator[TextIO]:
    """Open *path* for writing, so that it appears only when the block ends without an error.

    Text is UTF-8 and its line ends are written as they are; bytes go to the stream's ``buffer``.
    After an error what was under the name before is untouched.

    Raises:
        OSError: the folder does not exist or cannot be written, the disk is full, or *path* is
            something other than a regular file (a device, a folder).

    """
    refuse_no_file(path)
    with _staged(path.parent, DISK) as staging:
        with (staging / f"{path.name}.new").open("x", encoding="utf-8", newline="") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        _commit(path.parent, staging, [path.name], DISK)


def replace_all(folder: Path, files: Mapping[str, Content], disk: Disk = DISK) -> None:
    """Write several files to a folder: afterwards all of them are new, or all as before.

    Args:
        folder: Where they go. It is there.
        files: The content of each by its name.
        disk: The calls that may fail.

    Raises:
        MixedError: Putting the old files back failed as well; the next writing does it.
        OSError: What failed; nothing has changed.

    """
    for name in files:
        refuse_no_file(folder / name)
    with _staged(folder, disk) as staging:
        for name, data in files.items():
            with (staging / f"{name}.new").open("xb") as stream:
                for piece in (data,) if isinstance(data, bytes) else data:
                    disk.write(stream, piece)
                disk.sync(stream.fileno())
        _commit(folder, staging, list(files), disk)


def repair(folder: Path) -> None:
    """Put back what a process that died left half replaced in a folder; remove its drafts."""
    with _turn(folder, DISK):
        _repair(folder)


def abandon(seconds: float) -> None:
    """Remove this process's drafts, and let no rename begin any more: the process ends next.

    Renames that have begun are waited for, up to so many `seconds`. For any thread, and for several
    at once.
    """
    _ending.set()
    if _renaming.acquire(timeout=seconds):
        try:
            for staging in list(_stagings):
                _discard(staging)
        finally:
            _renaming.release()


def refuse_no_file(path: Path) -> None:
    """Raise OSError for what is there and not a regular file: it would be renamed away."""
    if path.exists() and not path.is_file():
        raise OSError(f"{path} is not a regular file: it is not replaced")


@contextmanager
def _staged(folder: Path, disk: Disk) -> Iterator[Path]:
    """Make a hidden folder for drafts, locked for as long as this process lives and needs it."""
    staging = folder / _DRAFTS.format(secrets.token_hex(4))
    with ExitStack() as held:
        held.callback(_discard, staging)
        with _turn(folder, disk):
            _repair(folder)
            _stagings.add(staging)
            staging.mkdir(mode=0o700)
            lock = held.enter_context((staging / "lock").open("xb"))
            with suppress(OSError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield staging


def _discard(staging: Path) -> None:
    """Remove drafts, unless the next run needs them to put old files back."""
    with _signals_later():
        if not (staging / "journal").exists():
            shutil.rmtree(staging, ignore_errors=True)
        _stagings.discard(staging)


def _commit(folder: Path, staging: Path, names: Iterable[str], disk: Disk) -> None:
    """Give all drafts their names; after an error give the old files theirs again."""
    with _turn(folder, disk), _signals_later(), _renaming:
        if _ending.is_set():
            raise OSError("the program is ending: its files are not written")
        _repair(folder)
        try:
            (staging / "journal").touch()
            for name in names:
                _keep(folder / name, staging, disk)
            _sync_folder(staging, disk)
            for name in names:
                disk.rename(staging / f"{name}.new", folder / name)
            _sync_folder(folder, disk)
        except BaseException:
            _undo(folder, staging, disk)
            raise
        (staging / "journal").unlink()


def _keep(target: Path, staging: Path, disk: Disk) -> None:
    """Keep the old file under another name, too, or the note that there is none."""
    if not target.exists():
        (staging / f"{target.name}.none").touch()
        return
    kept = staging / f"{target.name}.old"
    try:
        disk.link(target, kept)
    except OSError:
        disk.rename(target, kept)  # a disk without links, or a file of another user


def _undo(folder: Path, staging: Path, disk: Disk) -> None:
    """Put the old files back. It may have been begun before."""

    def replaced(name: str) -> bool:
        return not (staging / f"{name}.new").exists()

    try:
        for kept in staging.glob("*.old"):
            if replaced(kept.stem) or not (folder / kept.stem).exists():
                disk.rename(kept, folder / kept.stem)
        for note in staging.glob("*.none"):
            if replaced(note.stem):
                (folder / note.stem).unlink(missing_ok=True)
        _sync_folder(folder, disk)
        (staging / "journal").unlink(missing_ok=True)
    except OSError as error:
        raise MixedError(error.errno, error.strerror or str(error), str(folder)) from error


def _repair(folder: Path) -> None:
    """Undo and remove what processes that are dead left in a folder on which we have the turn."""
    for staging in folder.glob(_DRAFTS.format("*")):
        with suppress(FileNotFoundError), ExitStack() as held:
            try:
                fcntl.flock(
                    held.enter_context((staging / "lock").open("r+b")),
                    fcntl.LOCK_EX | fcntl.LOCK_NB,
                )
            except FileNotFoundError:
                pass  # it died before it had a lock
            except OSError:
                continue  # its process lives, or nobody can tell
            if (staging / "journal").exists():
                _undo(folder, staging, DISK)
            shutil.rmtree(staging, ignore_errors=True)


@contextmanager
def _turn(folder: Path, disk: Disk) -> Iterator[None]:
    """Have a folder for ourselves for a moment. Raises TimeoutError when it stays another's."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _lock(descriptor, folder, disk.turn_seconds)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, folder: Path, seconds: float) -> None:
    ends = time.monotonic() + seconds
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > ends:
                raise TimeoutError(
                    f"another program has kept {folder} locked for {seconds:g} s"
                ) from None
            time.sleep(_POLL_SECONDS)
        except OSError:
            return None  # NFS has no locks on folders


@contextmanager
def _signals_later() -> Iterator[None]:
    """Deliver SIGINT and SIGTERM after the block. Other threads than the main one get none.

    A handler is called, and no signal raised again, which would look like a second one.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before: dict[signal.Signals, Any] = {}
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                before[number] = signal.signal(number, lambda got, _: came.append(got))
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for got in came:
            handler = before[signal.Signals(got)]
            if callable(handler):
                handler(got, None)
            else:  # pragma: no cover - it ends the process, and what measures coverage with it
                signal.raise_signal(got)


def _sync_folder(folder: Path, disk: Disk) -> None:
    """Make names durable: a name lives in its folder, not in its file."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        disk.sync(descriptor)
    finally:
        os.close(descriptor)
