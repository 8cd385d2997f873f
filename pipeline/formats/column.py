"""One column of one file, all rows, no groups: the simplest table, which pays for nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from pipeline.formats.partition import cut
from pipeline.formats.rejects import NONE, Rejects
from pipeline.formats.table import Batch, Counters
from pipeline.numeric.keys import Keys

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.formats.partition import Partition
    from pipeline.formats.table import Cells, Problem


class ColumnRows:
    """The cells of one column as rows (see `formats.table.Rows`), those that count alone."""

    def __init__(self, cells: Cells) -> None:
        """Take the column's cells in a partition."""
        self._cells = cells

    @property
    def begin(self) -> int | None:
        """The position at which the first row begins."""
        return self._cells.begin

    @property
    def end(self) -> int | None:
        """The position behind the last row."""
        return self._cells.end

    @property
    def problem(self) -> Problem | None:
        """Why reading stopped before the end, or None."""
        return self._cells.problem

    def batches(self) -> Iterator[Batch]:
        """Yield the valid values."""
        return (Batch((values,), None) for values in self._cells.batches())

    def counters(self) -> list[Counters]:
        """Return the counts of the column."""
        return [Counters(self._cells.missing, self._cells.invalid)]

    def rejects(self) -> Rejects:
        """Return none: they are not asked for."""
        return NONE

    def keys(self) -> Keys:
        """Return no keys."""
        return Keys.of([])


class _OneColumn(Protocol):
    """What a table of one column in one file tells by itself."""

    @property
    def path(self) -> Path: ...
    @property
    def column(self) -> str: ...
    @property
    def begin(self) -> int: ...
    @property
    def end(self) -> int: ...
    def read(self, partition: Partition) -> Cells: ...


class ColumnTable:
    """What else tables of one column in one file are: see `formats.table.Table`."""

    @property
    def paths(self: _OneColumn) -> tuple[Path, ...]:
        """Where the file is."""
        return (self.path,)

    @property
    def columns(self: _OneColumn) -> tuple[str, ...]:
        """The column's name, alone."""
        return (self.column,)

    @property
    def keys(self) -> tuple[str, ...]:
        """No keys."""
        return ()

    @property
    def max_groups(self) -> int:
        """No groups."""
        return 0

    @property
    def divisible(self) -> bool:
        """That any part can be read alone."""
        return True

    def rows(self: _OneColumn, partition: Partition) -> ColumnRows:
        """Return the rows of a partition."""
        return ColumnRows(self.read(partition))

    def split(self: _OneColumn, parts: int) -> list[Partition]:
        """Cut all positions into so many partitions."""
        return cut(self.begin, self.end, parts)
