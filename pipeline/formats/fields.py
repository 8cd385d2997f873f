"""Fields: some columns of some rows, as text where it stands or as numbers, whatever the format."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipeline.formats.table import Problem
    from pipeline.numeric.arrays import Bools, Bytes, Floats, Integers


@dataclass(frozen=True, eq=False)
class Fields:
    """The fields of n rows, without outer blanks and quotes.

    Attributes:
        data: Text, uint8; eight bytes more than any field follow.
        starts: Where each field begins in it, int64 of shape (columns, n).
        ends: Where each has ended, likewise.
        rows: The position of each row in the table, int64 of shape (n,).
        numbers: Columns that the file holds as float64, by place: NaN where a cell is missing.
        ragged: The indices of rows with too few or too many fields, where they are not left out:
            their fields are empty.

    """

    data: Bytes
    starts: Integers
    ends: Integers
    rows: Integers
    numbers: Mapping[int, Floats] = field(default_factory=dict)
    ragged: tuple[int, ...] = ()

    def __len__(self) -> int:
        """Return how many rows there are."""
        return self.rows.size

    def text(self, place: int, row: int) -> bytes:
        """Return the text of a field."""
        return self.data[self.starts[place, row] : self.ends[place, row]].tobytes()

    def before(self, row: int) -> Fields:
        """Return the rows before one."""
        return Fields(
            self.data,
            self.starts[:, :row],
            self.ends[:, :row],
            self.rows[:row],
            {place: numbers[:row] for place, numbers in self.numbers.items()},
        )

    def only(self, chosen: Bools) -> Fields:
        """Return the rows that are `chosen`."""
        rows = np.flatnonzero(chosen)
        if rows.size == len(self):
            return self
        return Fields(
            self.data,
            self.starts.take(rows, axis=1),
            self.ends.take(rows, axis=1),
            self.rows.take(rows),
            {place: numbers.take(rows) for place, numbers in self.numbers.items()},
        )


class FieldReader(Protocol):
    """Reads the fields of the rows that begin in a partition.

    Fields:
        ragged: how many rows with too few or too many fields were skipped.
        begin, end, problem: as in `formats.table.Rows`.

    """

    ragged: int
    begin: int | None
    end: int | None
    problem: Problem | None

    def problem_at(self, row: int, reason: str) -> Problem:
        """Return the problem of the row with this position, of `Fields.rows`."""

    def batches(self) -> Iterator[Fields]:
        """Yield the rows in file order; the next batch may overwrite one."""
