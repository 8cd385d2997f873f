"""The summary of a table's rows: a Summary for each column and, where asked for, groups.

Like a `Summary`, it is a monoid over consecutive rows. Its parts are those of `Divisions`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.statistics.divisions import Divisions

if TYPE_CHECKING:
    from pipeline.statistics.grouped import Grouped
    from pipeline.statistics.range_summary import RangeSummary
    from pipeline.statistics.summary import Summary


@dataclass(frozen=True, eq=False)
class TableSummary:
    """What is known of consecutive rows.

    Attributes:
        columns: The summary of each number column.
        groups: The groups of the rows; None where there are none, or they were cut away.

    """

    columns: tuple[Summary, ...]
    groups: Grouped | None = None

    @property
    def count(self) -> int:
        """The most values that a column has."""
        return max(column.count for column in self.columns)

    @property
    def distinct(self) -> int:
        """The most entries that a column, or the groups, have."""
        groups = self.groups.distinct if self.groups else 0
        return max(groups, *(column.distinct for column in self.columns))

    @property
    def nbytes(self) -> int:
        """The memory of the arrays, in bytes."""
        groups = self.groups.nbytes if self.groups else 0
        return groups + sum(column.nbytes for column in self.columns)

    def merge(self, other: TableSummary) -> TableSummary:
        """Return the summary of these rows followed by those of `other`."""
        pairs = zip(self.columns, other.columns, strict=True)
        groups = self.groups
        if groups is not None and other.groups is not None:
            groups = groups.merge(other.groups)
        return TableSummary(tuple(left.merge(right) for left, right in pairs), groups)

    def divisions(self, parts: int) -> Divisions:
        """Return what cuts the largest of its columns, or its groups, into so many parts."""
        sizes = [column.distinct for column in self.columns]
        largest = int(np.argmax(sizes))
        if self.groups and self.groups.distinct > sizes[largest]:
            return self.groups.divisions(parts)
        cuts = self.columns[largest].divisions(parts)
        return Divisions((*((),) * largest, cuts))

    def cut(self, divisions: Divisions) -> tuple[TableSummary, list[RangeSummary | Grouped]]:
        """Return what `divisions` do not cut, and the parts: ranges by column, then groups."""
        columns, parts = [], list["RangeSummary | Grouped"]()
        for i, column in enumerate(self.columns):
            cuts = divisions.of_column(i)
            rest, ranges = column.cut(cuts, i) if cuts else (column, [])
            columns.append(rest)
            parts += ranges
        groups = self.groups
        if divisions.groups and groups is not None:
            parts += groups.cut(divisions.groups)
            groups = None
        return TableSummary(tuple(columns), groups), parts
