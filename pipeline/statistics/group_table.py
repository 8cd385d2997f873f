"""The statistics of groups as arrays: a row for each group, small enough to be sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.numeric.key_parts import split_key
from pipeline.numeric.keys import Keys
from pipeline.statistics.grouped_results import Name, statistics_of
from pipeline.statistics.result import STATISTICS, Result, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.numeric.arrays import Floats, Integers
    from pipeline.statistics.grouped import Grouped


@dataclass(frozen=True, eq=False)
class GroupTable:
    """The statistics of some groups.

    Attributes:
        keys: The keys of the groups.
        firsts: The row of the table at which each appears first, int64 of shape (groups,).
        columns: For each number column what was described.
        statistics: For each number column the statistics of each group by name: int64 for counts,
            else float64, with NaN where it is undefined.
        parts: The part of the table's groups from which each comes, int64 of shape (groups,).
        places: Its number among those of that part, likewise.
        histograms: For each number column how many values of each group lie in each bin, int64 of
            shape (groups, bins); none where they were not asked for.

    """

    keys: Keys
    firsts: Integers
    columns: list[Source]
    statistics: list[dict[Name, Integers | Floats]]
    parts: Integers
    places: Integers
    histograms: Sequence[Integers] = ()

    def __len__(self) -> int:
        """Return how many groups there are."""
        return len(self.keys)

    def by_key(self) -> GroupTable:
        """Return the groups in the order of their keys, part by part."""
        parts = [split_key(key) for key in self.keys.to_list()]
        return self.take(np.array(sorted(range(len(parts)), key=parts.__getitem__), np.int64))

    def take(self, order: Integers) -> GroupTable:
        """Return the groups with these indices, in this order."""
        return replace(
            self,
            keys=self.keys.take(order),
            firsts=self.firsts[order],
            statistics=[{n: a[order] for n, a in found.items()} for found in self.statistics],
            parts=self.parts[order],
            places=self.places[order],
            histograms=[counts[order] for counts in self.histograms],
        )

    def of_columns(self, kept: Sequence[int]) -> GroupTable:
        """Return the statistics of the columns with the indices `kept`."""
        return replace(
            self,
            columns=[self.columns[i] for i in kept],
            statistics=[self.statistics[i] for i in kept],
            histograms=[self.histograms[i] for i in kept] if self.histograms else (),
        )

    def result(self, group: int, column: int) -> Result:
        """Return the statistics of a `group` and a `column`, by their indices."""
        values: dict[str, Any] = {}
        for name, array in self.statistics[column].items():
            value = array[group].item()
            value = None if value != value else value  # noqa: PLR0124 - NaN
            if isinstance(name, tuple):
                values.setdefault(name[0], {})[name[1]] = value
            else:
                values[name] = value
        for name in STATISTICS:
            values.setdefault(name, {})
        return Result(**values, source=self.columns[column])


def finish_all(
    groups: Grouped, percentiles: Sequence[float], sources: Sequence[Source]
) -> GroupTable:
    """Return the statistics of all groups; `percentiles` and `sources` are as in `finish`."""
    statistics = [statistics_of(column, percentiles) for column in groups.columns]
    places = np.arange(len(groups))
    return GroupTable(
        groups.keys, groups.firsts, list(sources), statistics, np.zeros_like(places), places
    )


def in_order(tables: Sequence[GroupTable]) -> GroupTable:
    """Return the groups of all tables in the order in which they first appear.

    The tables, of which there is at least one, are of the same columns; each is a part.
    """
    firsts = np.concatenate([table.firsts for table in tables])
    order = np.argsort(firsts)
    first = tables[0]
    return GroupTable(
        Keys.concatenate([table.keys for table in tables]).take(order),
        firsts[order],
        first.columns,
        [
            {name: np.concatenate([t.statistics[i][name] for t in tables])[order] for name in found}
            for i, found in enumerate(first.statistics)
        ],
        np.repeat(np.arange(len(tables)), [len(table) for table in tables])[order],
        np.concatenate([table.places for table in tables])[order],
        [
            np.concatenate([table.histograms[i] for table in tables])[order]
            for i in range(len(first.histograms))
        ],
    )
