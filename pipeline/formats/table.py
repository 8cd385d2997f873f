"""What a table is to the rest of the pipeline, whatever the format of its file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.formats.partition import Partition
    from pipeline.numeric.arrays import Floats


@dataclass(frozen=True)
class Problem:
    """Why a row could not be read.

    `offset` is the position at which the row begins, in the table's positions; `reason` the rest of
    a sentence that begins with the row (see `Table.sentence`).
    """

    offset: int
    reason: str


class Cells(Protocol):
    """The cells of one column in one partition, counted while `batches` is read to its end.

    Fields:
        missing: how many cells are empty, or stand for a missing value.
        invalid: how many cells are neither a value nor missing.
        begin: the position at which the first row begins; None when none begins in the partition.
        end: the position behind the last row; None likewise.
        problem: why reading stopped before the end, or None.

    """

    missing: int
    invalid: int
    begin: int | None
    end: int | None
    problem: Problem | None

    def batches(self) -> Iterator[Floats]:
        """Yield the valid values in file order, each batch a float64 array of shape (n,).

        The next batch may overwrite it. Raises InputError when the file has changed since it was
        opened as a table, or does so before the last batch was taken: values count only when the
        end is reached. Raises OSError when it cannot be read.
        """


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
        """The column's name in the file, or its number."""

    @property
    def begin(self) -> int:
        """The position of the first row."""

    @property
    def end(self) -> int:
        """The position behind the last row."""

    def nbytes(self, partition: Partition) -> int:
        """Return how many bytes of the file a partition reads."""

    def read(self, partition: Partition) -> Cells:
        """Return the column's cells in a partition; nothing is opened before they are asked for."""

    def verify(self) -> None:
        """Raise InputError when the file is not what it was when it was opened as a table.

        To be called where it was opened, when all has been read.
        """

    def sentence(self, problem: Problem) -> str:
        """Return the refusal of a row: file, place in the file, reason, what to try.

        Raises InputError as `verify` does: a row of a changed file is refused for that.
        """
