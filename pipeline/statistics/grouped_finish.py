"""The sufficient statistics of many groups at once: kernels over all, then integers group by group.

What `Aggregates.of` and `Multiset.select` find in one multiset is found here in the multisets of
all groups, in one pass over their entries.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from pipeline.numeric.exact import (
    MANTISSA_BITS,
    MAX_ADDENDS,
    MAX_BITS,
    TOTAL_WORDS,
    power_sums,
    shift_range,
    to_fixed_point,
)
from pipeline.numeric.intrinsics import add_powers
from pipeline.numeric.jit import kernel
from pipeline.statistics.aggregates import Aggregates, Mode
from pipeline.statistics.moments import PowerSums
from pipeline.statistics.moving import Moving
from pipeline.statistics.multiset import Multiset
from pipeline.statistics.percentiles import ranks_of_all
from pipeline.statistics.sufficient import SufficientStatistics
from pipeline.statistics.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.numeric.arrays import Floats, Integers, Words
    from pipeline.statistics.grouped import Entries, GroupedColumn

_POWERS = 4
_NOTHING = np.empty(0)
_ALL_AT_ONCE = 1 << 14
"""Groups whose sums are held at a time."""


def sufficient(
    column: GroupedColumn, percentiles: Sequence[float]
) -> Iterator[SufficientStatistics]:
    """Yield the sufficient statistics of each group of a `column`; `percentiles` from 0 to 100."""
    groups = column.counts.size
    for start in range(0, groups, _ALL_AT_ONCE):
        chosen = np.arange(start, min(start + _ALL_AT_ONCE, groups))
        yield from _sufficient(column.take(chosen), percentiles)


def _sufficient(
    column: GroupedColumn, percentiles: Sequence[float]
) -> Iterator[SufficientStatistics]:
    entries, counters = column.entries, column.counters.T.tolist()
    found = _Found.of(entries, ranks_of_all(column.counts, percentiles))
    nothing = Multiset.of(_NOTHING)
    bare = Moving(column.window, _NOTHING, _NOTHING, 0)
    for group, (count, missing, invalid, out_of_range) in enumerate(counters):
        moving = column.moving(group) if count > column.window else bare
        rows = Summary(nothing, moving, count, missing, invalid, out_of_range)
        if count:
            aggregates, order = found.aggregates(group, count), found.order(group)
        else:
            aggregates, order = Aggregates.of(nothing), {}
        yield SufficientStatistics(rows, aggregates, order, percentiles)


@dataclass(frozen=True, eq=False)
class _Found:
    """What the kernels find, group by group.

    `totals` are power sums, in units of 2**(k * (shifts - 1074)) for power k; a shift is -1 where
    they are not there, for they would not fit. `extremes` has the least value, the greatest, and
    the mode; `tallies` how often that occurs and where it appears first, how many values occur as
    often, how many are 0 and how many are negative.
    """

    entries: Entries
    shifts: list[int]
    totals: Words
    extremes: list[list[float]]
    tallies: list[list[int]]
    ranks: list[list[int]]
    selected: list[list[float]]

    @classmethod
    def of(cls, entries: Entries, ranks: Integers) -> _Found:
        groups = entries.bounds.size - 1
        shifts = np.empty(groups, np.int64)
        totals = np.zeros((groups, _POWERS, TOTAL_WORDS), np.uint64)
        extremes = np.zeros((groups, 3))
        tallies = np.zeros((groups, 5), np.int64)
        selected = np.empty(ranks.shape)
        _find(*entries, ranks, shifts, totals, extremes, tallies, selected)
        picked = cast("list[list[float]]", selected.tolist())
        return cls(
            entries,
            shifts.tolist(),
            totals,
            extremes.tolist(),
            tallies.tolist(),
            ranks.tolist(),
            picked,
        )

    def aggregates(self, group: int, count: int) -> Aggregates:
        least, greatest, value = self.extremes[group]
        times, first, ties, zeros, negatives = self.tallies[group]
        start, stop = self.entries.bounds[group : group + 2].tolist()
        return Aggregates(
            count,
            self._powers(group),
            least,
            greatest,
            Mode(times, -first, value),
            ties,
            stop - start,
            zeros,
            negatives,
        )

    def order(self, group: int) -> dict[int, float]:
        return dict(zip(self.ranks[group], self.selected[group], strict=True))

    def _powers(self, group: int) -> PowerSums:
        shift = self.shifts[group]
        if shift < 0:
            start, stop = self.entries.bounds[group : group + 2].tolist()
            return PowerSums(
                *power_sums(self.entries.values[start:stop], self.entries.counts[start:stop])
            )
        words = self.totals[group].tobytes()
        size = len(words) // _POWERS
        return PowerSums(
            *(
                int.from_bytes(words[i * size : (i + 1) * size], "little", signed=True)
                << ((i + 1) * shift)
                for i in range(_POWERS)
            )
        )


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
    """Fill the arrays of `_Found`; `ranks` rise within each group."""
    for group in range(bounds.size - 1):
        start, stop = bounds[group], bounds[group + 1]
        shifts[group] = -1
        if start == stop:
            continue
        lowest, highest = shift_range(values[start:stop])
        if highest - lowest + MANTISSA_BITS < MAX_BITS and stop - start <= MAX_ADDENDS:
            shifts[group] = lowest
        extremes[group, 0] = values[start]
        extremes[group, 1] = values[stop - 1]
        below = rank = 0
        for i in range(start, stop):
            if shifts[group] >= 0:
                add_powers(totals[group], to_fixed_point(values[i], lowest), np.uint64(counts[i]))
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
