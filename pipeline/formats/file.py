"""One file: opened with a refusal in one sentence, and the same one at every later reading."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO
    from pathlib import Path

_HEAD_BYTES = 1 << 10


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
class SourceFile:
    """A file as it was at the first look at it: where it is, its size in bytes, and its time.

    `mtime_ns` is the time of its last change, in nanoseconds since 1970.
    """

    path: Path
    size: int
    mtime_ns: int

    @classmethod
    def of(cls, path: Path, opened: FileIO) -> SourceFile:
        """Return what the file at `path`, which is open as `opened`, is now."""
        status = os.fstat(opened.fileno())
        return cls(path, status.st_size, status.st_mtime_ns)

    def open(self) -> FileIO:
        """Open the file for reading, unbuffered.

        Raises InputError when its size or time is another one, OSError when it cannot be opened.
        """
        file = self.path.open("rb", buffering=0)
        if SourceFile.of(self.path, file) != self:
            file.close()
            raise self.changed()
        return file

    def changed(self) -> InputError:
        """Return the refusal of a file that is not what it was at the first look."""
        return InputError(f"{self.path} changed while it was read; run again when it is complete")


@contextmanager
def first_look(path: Path, remedy: str) -> Iterator[FileIO]:
    """Open the file that a user names, unbuffered; the block reads what it needs of it.

    Raises InputError for a folder, a pipe or a device, for a file that is not there (the sentence
    ends with `remedy`), and when opening it, or reading it within the block, fails.
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
    """Refuse a folder; and a pipe or a device before opening it, which might never return."""
    if path.is_dir():
        raise InputError(f"{path} is a folder; name the file in it")
    if path.exists() and not path.is_file():
        raise InputError(f"{path} is a pipe or a device, not a regular file; copy it to a file")


def is_parquet(path: Path) -> bool:
    """Whether the file at `path` is read as Parquet: its name ends with .parquet, in any case."""
    return path.suffix.lower() == ".parquet"
