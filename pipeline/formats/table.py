"""What a table is to the rest of the pipeline, whatever the format of its file."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from pipeline.defaults import COLUMN
from pipeline.errors import InputError
from pipeline.formats.csv.dialect import DialectOptions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO
    from pathlib import Path

    from pipeline.formats.partition import Partition
    from pipeline.numeric.arrays import Floats


@dataclass(frozen=True)
class ReadOptions:
    """How the user wants a file read."""

    column: str | int = COLUMN
    header: bool = True
    marks: DialectOptions = field(default_factory=DialectOptions)
    skip_lines: int = 0
    missing: tuple[str, ...] = ()
    on_invalid: str = "stop"

    def __post_init__(self) -> None:
        """Refuse what has no meaning."""
        if self.skip_lines < 0:
            raise InputError(f"skip_lines must be 0 or more, not {self.skip_lines}")
        if self.on_invalid not in ("stop", "skip"):
            raise InputError(f"on_invalid must be 'stop' or 'skip', not {self.on_invalid!r}")


@dataclass(frozen=True)
class Problem:
    """Why a row could not be read: the position at which it begins, and the rest of a sentence."""

    offset: int
    reason: str


@dataclass(frozen=True)
class Identity:
    """What must be the same wherever the file is read: size in bytes, time, and its first bytes."""

    size: int
    mtime_ns: int
    head: bytes

    @classmethod
    def of(cls, path: Path) -> Identity:
        """Return the identity of the file at `path`."""
        with path.open("rb") as file:
            head = file.read(1 << 10)
            status = os.fstat(file.fileno())
        return cls(status.st_size, status.st_mtime_ns, head)


def open_same(path: Path, size: int, mtime_ns: int) -> FileIO:
    """Open the file at `path` unbuffered; refuse it when its size or time is another one."""
    file = path.open("rb", buffering=0)
    status = os.fstat(file.fileno())
    if (status.st_size, status.st_mtime_ns) != (size, mtime_ns):
        file.close()
        raise changed(path)
    return file


def changed(path: Path) -> InputError:
    """Return the refusal of a file that changed under the run."""
    return InputError(f"{path} changed while it was read; run again when it is complete")


class Cells(Protocol):
    """The cells of one column in one partition.

    After `batches` is exhausted, `missing` and `invalid` count the cells that are no values;
    `begin` is the position at which the first row begins, `end` the one after the last row (both
    None when no row begins in the partition), and `problem` says why reading stopped early.
    """

    missing: int
    invalid: int
    begin: int | None
    end: int | None
    problem: Problem | None

    def batches(self) -> Iterator[Floats]:
        """Yield the valid values in file order; a batch may be overwritten by the next."""


class Table(Protocol):
    """One column of one file, and all that a worker needs to read any part of it.

    Rows stand at positions from `begin` to `end` - 1: bytes, or whatever the format counts in.
    """

    @property
    def path(self) -> Path:
        """Where the file is, on every machine."""

    @property
    def size(self) -> int:
        """The file's size in bytes."""

    @property
    def column(self) -> str:
        """The column's name, or its number."""

    @property
    def begin(self) -> int:
        """The position of the first row."""

    @property
    def end(self) -> int:
        """The position behind the last row."""

    def nbytes(self, partition: Partition) -> int:
        """Return how many bytes of the file a partition reads."""

    def read(self, partition: Partition) -> Cells:
        """Return the column's cells in a partition, to be read."""

    def sentence(self, problem: Problem) -> str:
        """Return the refusal of a row: where it stands, and why."""
