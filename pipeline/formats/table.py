"""What a table is to the rest of the pipeline, whatever the format of its files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pipeline.formats.partition import Partition
    from pipeline.formats.rejects import Rejects
    from pipeline.numeric.arrays import Floats, Integers
    from pipeline.numeric.keys import Keys


@dataclass(frozen=True)
class Problem:
    """Why a row could not be read.

    `offset` is the position at which the row begins, in the table's positions; `reason` the rest of
    a sentence that begins with the row (see `Table.sentence`). `inside` is the row's place in the
    text of a compressed file, of which `offset` is the beginning.
    """

    offset: int
    reason: str
    inside: int = 0


class Batch(NamedTuple):
    """Some rows of the number columns, in file order.

    Fields:
        columns: a float64 array for each, of shape (n,) where there are groups: then NaN stands for
            a cell that is missing, inf for one that is invalid, -inf for one that is out of range.
            Without groups, arrays may be shorter: such cells may be left out.
        codes: the number of each row's group, int64 of shape (n,); None without groups.

    """

    columns: Sequence[Floats]
    codes: Integers | None


@dataclass
class Counters:
    """How many cells of a column, read so far, are missing, invalid, out of range or filtered.

    `texts` is not 0 for a column that was given up, for a cell was no number.
    """

    missing: int = 0
    invalid: int = 0
    out_of_range: int = 0
    filtered: int = 0
    texts: int = 0

    def add(self, other: Counters) -> None:
        """Add what was counted in `other` rows."""
        self.missing += other.missing
        self.invalid += other.invalid
        self.out_of_range += other.out_of_range
        self.filtered += other.filtered
        self.texts += other.texts


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


class Rows(Protocol):
    """The rows that begin in one partition, counted while `batches` is read to its end."""

    @property
    def begin(self) -> int | None:
        """The position at which the first row begins; None when none does in the partition."""

    @property
    def end(self) -> int | None:
        """The position behind the last row; None likewise."""

    @property
    def problem(self) -> Problem | None:
        """Why reading stopped before the end, or None."""

    def batches(self) -> Iterator[Batch]:
        """Yield the rows in file order; the next batch may overwrite one. Raises as `Cells` do."""

    def counters(self) -> list[Counters]:
        """Return the counts of each number column."""

    def rejects(self) -> Rejects:
        """Return the first cells and rows that were skipped so far, where they are asked for."""

    def keys(self) -> Keys:
        """Return the keys of the groups so far, in the order in which they appeared."""


class Table(Protocol):
    """Some columns of some files, and all that a worker needs to read any part of them.

    Rows stand at positions from `begin` to `end` - 1: bytes, or whatever the format counts in.
    """

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where the files are, on every machine."""

    @property
    def size(self) -> int:
        """The size of the files in bytes."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the number columns in the file, or their numbers."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of the keys that rows are grouped by; none where they are not."""

    @property
    def max_groups(self) -> int:
        """How many groups there may be."""

    @property
    def divisible(self) -> bool:
        """Whether any range of positions can be read alone: otherwise those of `split` only."""

    @property
    def begin(self) -> int:
        """The position of the first row."""

    @property
    def end(self) -> int:
        """The position behind the last row."""

    def nbytes(self, partition: Partition) -> int:
        """Return how many bytes of the files a partition reads."""

    def rows(self, partition: Partition) -> Rows:
        """Return the rows of a partition; nothing is opened before they are asked for."""

    def split(self, parts: int) -> list[Partition]:
        """Cut all positions into about so many partitions, none of which is of two files."""

    def verify(self) -> None:
        """Raise InputError when a file is not what it was when it was opened as a table.

        To be called where it was opened, when all has been read.
        """

    def sentence(self, problem: Problem) -> str:
        """Return the refusal of a row: file, place in the file, reason, what to try.

        Raises InputError as `verify` does: a row of a changed file is refused for that.
        """
