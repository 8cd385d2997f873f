"""The sufficient statistics of many groups at once.

What `Aggregates.of` and `Multiset.select` find in one multiset is found here in the multisets of
all groups, in one pass over their entries.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.numeric.jit import kernel
from pipeline.numeric.mantissas import POWERS, SUM_WORDS, TOTAL_WORDS
from pipeline.numeric.power_sums import sum_into
from pipeline.statistics.aggregates import Aggregates, Mode
from pipeline.statistics.deviation import deviation
from pipeline.statistics.moments import PowerSums
from pipeline.statistics.multiset import Multiset
from pipeline.statistics.percentiles import middle, ranks_of_all
from pipeline.statistics.sufficient import SufficientStatistics
from pipeline.statistics.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.numeric.arrays import Floats, Integers, Words
    from pipeline.statistics.entries import Entries
    from pipeline.statistics.grouped_column import GroupedColumn

_NOTHING = np.empty(0)


@dataclass(frozen=True, eq=False)
class Found:
    """What the kernels find in the entries of all groups.

    Attributes:
        entries: The entries.
        shifts: The lowest shift (see `numeric.exact`) of each group's values; -1 where there are no
            `totals`: the group has no value, or they would not fit. int64 of shape (groups,).
        totals: The power sums, in units of 2**(k * (shifts - 1074)) for power k: uint64 of shape
            (groups, POWERS, TOTAL_WORDS).
        extremes: The least value, the greatest, and the mode, float64 of shape (groups, 3).
        tallies: How often the mode occurs and where it appears first, how many values occur as
            often, how many are 0 and how many negative, int64 of shape (groups, 5).
        ranks: The ranks of the order statistics, as in `percentiles.ranks_of_all`.
        selected: The values at these ranks.

    """

    entries: Entries
    shifts: Integers
    totals: Words
    extremes: Floats
    tallies: Integers
    ranks: Integers
    selected: Floats

    @classmethod
    def of(cls, column: GroupedColumn, percentiles: Sequence[float]) -> Found:
        """Return what is found in a `column`; `percentiles` from 0 to 100 are to be computed."""
        groups = column.counts.size
        entries = column.counted(np.ones(groups, np.bool_))
        ranks = ranks_of_all(column.counts, percentiles)
        found = cls(
            entries,
            np.empty(groups, np.int64),
            np.zeros((groups, POWERS, TOTAL_WORDS), np.uint64),
            np.full((groups, 3), np.nan),
            np.zeros((groups, 5), np.int64),
            ranks,
            np.empty(ranks.shape),
        )
        _find(
            *(*entries, ranks),
            *(found.shifts, found.totals, found.extremes, found.tallies, found.selected),
        )
        return found

    def sufficient(
        self, column: GroupedColumn, group: int, percentiles: Sequence[float]
    ) -> SufficientStatistics:
        """Return the sufficient statistics of a `group`; `column` and `percentiles` as in `of`."""
        count, missing, invalid, out_of_range = column.counters[:, group].tolist()
        nothing = Multiset.of(_NOTHING)
        rows = Summary(nothing, column.moving(group), count, missing, invalid, out_of_range)
        if not count:
            return SufficientStatistics(rows, Aggregates.of(nothing), {}, percentiles)
        least, greatest, value = self.extremes[group].tolist()
        times, first, ties, zeros, negatives = self.tallies[group].tolist()
        multiset = self.entries.multiset(group)
        aggregates = Aggregates(
            count,
            PowerSums.of(multiset.values, multiset.counts),
            least,
            greatest,
            Mode(times, -first, value),
            ties,
            multiset.distinct,
            zeros,
            negatives,
        )
        pairs = zip(self.ranks[group].tolist(), self.selected[group].tolist(), strict=True)
        order = dict(pairs)
        far = deviation(multiset.select, count, middle(order, count))
        return SufficientStatistics(rows, aggregates, order, percentiles, far)


@kernel
def _find(
    bounds: Integers,
    values: Floats,
    counts: Integers,
    firsts: Integers,
    ranks: Integers,
    shifts: Integers,
    totals: Words,
    extremes: Floats,
    tallies: Integers,
    selected: Floats,
) -> None:
    """Fill the arrays of `Found`; `ranks` rise within each group."""
    sums = np.zeros((POWERS, SUM_WORDS), np.uint64)
    for group in range(bounds.size - 1):
        start, stop = bounds[group], bounds[group + 1]
        shifts[group] = -1
        if start == stop:
            continue
        shifts[group] = sum_into(values[start:stop], counts[start:stop], totals, group, sums)
        extremes[group, 0] = values[start]
        extremes[group, 1] = values[stop - 1]
        below = rank = 0
        for i in range(start, stop):
            if counts[i] > tallies[group, 0] or (
                counts[i] == tallies[group, 0] and firsts[i] < tallies[group, 1]
            ):
                if counts[i] > tallies[group, 0]:
                    tallies[group, 2] = 0
                tallies[group, 0] = counts[i]
                tallies[group, 1] = firsts[i]
                extremes[group, 2] = values[i]
            if counts[i] == tallies[group, 0]:
                tallies[group, 2] += 1
            if values[i] == 0.0:
                tallies[group, 3] += counts[i]
            elif values[i] < 0.0:
                tallies[group, 4] += counts[i]
            below += counts[i]
            while rank < ranks.shape[1] and ranks[group, rank] < below:
                selected[group, rank] = values[i]
                rank += 1
