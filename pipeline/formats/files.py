"""Several files as one table: their rows one after the other, in the order given."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING

from pipeline.formats.partition import Partition
from pipeline.formats.table import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.formats.rejects import Rejects
    from pipeline.formats.table import Batch, Counters, Rows, Table
    from pipeline.numeric.keys import Keys


@dataclass(frozen=True)
class Files:
    """The rows of all `tables`, which are of the same columns: see `formats.table.Table`.

    A position is that in a file, counted from its first row, and from the end of the files before.
    """

    tables: tuple[Table, ...]

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where the files are, on every machine."""
        return tuple(path for table in self.tables for path in table.paths)

    @property
    def size(self) -> int:
        """The size of all files in bytes."""
        return sum(table.size for table in self.tables)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the number columns in the first file."""
        return self.tables[0].columns

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of the keys that rows are grouped by."""
        return self.tables[0].keys

    @property
    def max_groups(self) -> int:
        """How many groups there may be."""
        return self.tables[0].max_groups

    @property
    def divisible(self) -> bool:
        """Whether any part of any file can be read alone."""
        return all(table.divisible for table in self.tables)

    @property
    def begin(self) -> int:
        """The position of the first row."""
        return 0

    @property
    def end(self) -> int:
        """The position behind the last row."""
        return self._starts()[-1]

    def nbytes(self, partition: Partition) -> int:
        """Return how many bytes of the files lie between two positions, which may be of two."""
        starts = self._starts()
        total = 0
        for table, start in zip(self.tables, starts, strict=False):
            low = min(max(partition.start - start + table.begin, table.begin), table.end)
            high = min(max(partition.stop - start + table.begin, low), table.end)
            total += table.nbytes(Partition(low, high))
        return total

    def rows(self, partition: Partition) -> FileRows:
        """Return the rows of a partition of one file."""
        table, shift = self._file(partition.start)
        stop = min(partition.stop - shift, table.end)
        own = replace(partition, start=partition.start - shift, stop=stop)
        return FileRows(table.rows(own), shift)

    def split(self, parts: int) -> list[Partition]:
        """Cut each file into its share of the parts, or leave it whole."""
        partitions: list[Partition] = []
        total = self.nbytes(Partition(self.begin, self.end)) or 1
        for table, start in zip(self.tables, self._starts(), strict=False):
            share = table.nbytes(Partition(table.begin, table.end)) / total
            shift = start - table.begin
            partitions += (
                replace(part, start=part.start + shift, stop=part.stop + shift)
                for part in table.split(max(1, round(parts * share)))
            )
        return partitions

    def verify(self) -> None:
        """Raise InputError when a file is not what it was when it was opened as a table."""
        for table in self.tables:
            table.verify()

    def sentence(self, problem: Problem) -> str:
        """Return the refusal of a row: file, place in the file, reason, what to try."""
        table, shift = self._file(problem.offset)
        return table.sentence(replace(problem, offset=problem.offset - shift))

    def _starts(self) -> list[int]:
        """Return the position at which each file begins, and the one behind the last."""
        return list(accumulate((t.end - t.begin for t in self.tables), initial=0))

    def _file(self, position: int) -> tuple[Table, int]:
        """Return the file of a position, and what is added to positions in it."""
        starts = self._starts()
        index = min(bisect_right(starts, position), len(self.tables)) - 1
        return self.tables[index], starts[index] - self.tables[index].begin


class FileRows:
    """The rows of a partition of one of several files: see `formats.table.Rows`."""

    def __init__(self, rows: Rows, shift: int) -> None:
        """Take the rows, and what is added to their positions."""
        self._rows = rows
        self._shift = shift

    @property
    def begin(self) -> int | None:
        """The position at which the first row begins; None when none does in the partition."""
        return self._shifted(self._rows.begin)

    @property
    def end(self) -> int | None:
        """The position behind the last row; None likewise."""
        return self._shifted(self._rows.end)

    @property
    def problem(self) -> Problem | None:
        """Why reading stopped before the end, or None."""
        problem = self._rows.problem
        return replace(problem, offset=problem.offset + self._shift) if problem else None

    def batches(self) -> Iterator[Batch]:
        """Yield the rows in file order."""
        return self._rows.batches()

    def counters(self) -> list[Counters]:
        """Return the counts of each number column."""
        return self._rows.counters()

    def rejects(self) -> Rejects:
        """Return the first cells and rows that were skipped."""
        return self._rows.rejects()

    def keys(self) -> Keys:
        """Return the keys of the groups so far."""
        return self._rows.keys()

    def _shifted(self, position: int | None) -> int | None:
        return None if position is None else position + self._shift
