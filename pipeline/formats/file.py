"""One file: opened with a refusal in one sentence, and the same one at every later reading.

Whoever overwrites, extends, cuts off, replaces, touches or deletes a file during a run is found
out: inode, size, mtime and ctime are compared before and after each partition is read, on the node
that reads it, and at the end on the machine that started the run. A change of permissions or of
hard links moves the ctime, too, and is refused although it is harmless; reading, which moves the
atime, is not. A file that is moved away and back has a new ctime.

Over NFS inode, size and times are the server's, the same for all its clients and for the server
itself. A client caches them for some seconds, but asks the server whenever a file is opened
(close-to-open consistency). So every comparison opens the file by its name, which finds another
file under that name, too. A machine that has a copy of its own under the path sees another inode
and ctime: between machines only size, mtime and first bytes are compared (`Identity`), and the copy
is remembered as the node first saw it.

What nobody can tell:

- A change within the same tick of the file system's clock (4 ms as a rule, before Linux 6.13) as
  the first look, if it keeps size and mtime; who goes on writing is found out at a later tick.
- A store through a shared writable memory map into a page that was already dirty moves no time
  before the page is written back; an NFS client's writes move none before they reach the server.
- A share that is mounted with `nocto`, or a server that does not keep ctime, tells changes late or
  not at all.
- Where workers see a copy that the client does not, a change of it between two partitions on a
  worker that restarts meanwhile, if size and mtime are kept.
"""

from __future__ import annotations

import os
import secrets
import socket
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.formats.text_file import changed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO
    from pathlib import Path

_HEAD_BYTES = 1 << 10

_MOST_COPIES = 1 << 10
"""First looks of which a process remembers how its copy of the file looked."""

_copies: dict[int, Status] = {}
_lock = Lock()


@dataclass(frozen=True)
class Identity:
    """What must be the same on every machine that reads a file.

    `size` is in bytes, `mtime_ns` the time of its last change in nanoseconds since 1970, and `head`
    its first KiB.
    """

    size: int
    mtime_ns: int
    head: bytes

    @classmethod
    def of(cls, path: Path) -> Identity:
        """Return the identity of the file at `path`. Raises OSError when it cannot be read."""
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
            status = os.fstat(file.fileno())
        return cls(status.st_size, status.st_mtime_ns, head)


@dataclass(frozen=True)
class Status:
    """What a file system tells of a file without reading it.

    Fields:
        inode: its number in its file system: another one is another file.
        size: in bytes.
        mtime_ns: the time of the last change of its content, in nanoseconds since 1970; anyone who
            owns the file can set it.
        ctime_ns: the time of the last change of content, times, permissions, owner or links, in the
            same unit; nobody can set it, and reading does not move it.

    """

    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int

    @classmethod
    def of(cls, opened: FileIO) -> Status:
        """Return the status of an open file."""
        status = os.fstat(opened.fileno())
        return cls(status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)

    def difference(self, now: Status) -> str | None:
        """Return how a file that had this status differs `now`, in words; None if it does not."""
        if now.size != self.size:
            return f"it had {self.size:,} bytes and has {now.size:,}"
        if now.inode != self.inode:
            return "another file has taken its place"
        if now.mtime_ns != self.mtime_ns:
            return "its modification time is another one"
        if now.ctime_ns != self.ctime_ns:
            return "its content, times, permissions or links were changed, as its ctime tells"
        return None


@dataclass(frozen=True)
class SourceFile:
    """A file as it was at the first look at it, to be recognised at every later one.

    Fields:
        path: where it is, on every machine.
        status: its status on the machine of the first look.
        look: a number that no other first look has.

    """

    path: Path
    status: Status
    look: int = field(default_factory=partial(secrets.randbits, 63))

    @property
    def size(self) -> int:
        """The file's size in bytes."""
        return self.status.size

    @property
    def text_size(self) -> int:
        """The size of its text in bytes: there is nothing else in it."""
        return self.size

    @classmethod
    def of(cls, path: Path, opened: FileIO) -> SourceFile:
        """Return what the file at `path`, which is open as `opened`, is now."""
        return cls(path, Status.of(opened))

    @contextmanager
    def reading(self) -> Iterator[FileIO]:
        """Open the file, unbuffered, for a block that reads it; it must not change meanwhile.

        Its status is compared before the block and after it. Raises InputError when it is not the
        file of the first look, or no longer, OSError when it cannot be opened.
        """
        with self._open() as file:
            before = Status.of(file)
            self._refuse(self._expected(before), before)
            yield file
            self._refuse(before, self._now())

    def verify(self) -> None:
        """Raise InputError when the file is not what it was, on the machine of the first look."""
        self._refuse(self.status, self._now())

    def compare(self) -> None:
        """Raise InputError when the file is not what it was, on the node that reads it."""
        now = self._now()
        self._refuse(self._expected(now), now)

    def _open(self) -> FileIO:
        try:
            return self.path.open("rb", buffering=0)
        except FileNotFoundError:
            raise InputError(
                f"{self.path} was there and is not on node {socket.gethostname()}; was it removed, "
                "or is the share not mounted there?"
            ) from None

    def _now(self) -> Status:
        """Return the status of what is at the path now."""
        # Opened anew, because a share's client asks the server then, and not at every fstat.
        try:
            with self.path.open("rb", buffering=0) as file:
                return Status.of(file)
        except FileNotFoundError:
            raise changed(self.path, "it is no longer there") from None
        except OSError as error:
            raise changed(
                self.path, f"it cannot be opened again: {error.strerror or error}"
            ) from error

    def _expected(self, now: Status) -> Status:
        """Return the status that the file, which has the status `now`, must have on this node."""
        if now.inode == self.status.inode:
            return self.status
        # A copy of the file that this node sees under the same path.
        known = self.status
        first = replace(now, size=known.size, mtime_ns=known.mtime_ns)
        with _lock:
            seen = _copies.setdefault(self.look, first)
            if len(_copies) > _MOST_COPIES:
                del _copies[next(iter(_copies))]
        return seen

    def _refuse(self, before: Status, now: Status) -> None:
        how = before.difference(now)
        if how:
            raise changed(self.path, how)


@contextmanager
def first_look(path: Path, remedy: str) -> Iterator[FileIO]:
    """Open the file that a user names, unbuffered; the block reads what it needs of it.

    Raises InputError for a folder, a pipe or a device, for a name that is not UTF-8, for a file
    that is not there (the sentence ends with `remedy`), and when opening it, or reading it within
    the block, fails.
    """
    try:
        _refuse_no_file(path)
        with path.open("rb", buffering=0) as file:
            yield file
    except FileNotFoundError:
        raise InputError(f"{path} is not there; {remedy}") from None
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror or error}; may this user read it, and is its "
            "disk or share there?"
        ) from error


def _refuse_no_file(path: Path) -> None:
    """Refuse a folder; and a pipe or a device before opening it, which might never return.

    And a name that results, which are UTF-8, cannot hold.
    """
    name = os.fsencode(path).decode(errors="backslashreplace")
    if name != str(path):
        raise InputError(f"{name} is no name in UTF-8; rename the file, or its folder")
    if path.is_dir():
        raise InputError(f"{path} is a folder; name the file in it")
    if path.exists() and not path.is_file():
        raise InputError(f"{path} is a pipe or a device, not a regular file; copy it to a file")


def is_parquet(path: Path) -> bool:
    """Whether the file at `path` is read as Parquet: its name ends with .parquet, in any case."""
    return path.suffix.lower() == ".parquet"
