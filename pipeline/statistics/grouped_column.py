"""The state of one column, group by group, in arrays: no object for each group.

A short group, of no more values than two windows, is kept as its values. A long one is what a
`Summary` is: its distinct values, the ends of its windows, and the sum over those inside. So a
group's state is no larger than its rows, and short ones are merged by putting values in a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.numeric.arrays import Floats, Integers
from pipeline.numeric.slices import bounds_of, narrow, take_slices
from pipeline.statistics.entries import Entries
from pipeline.statistics.grouped_kernels import (
    copy_ends,
    join_seams,
    merge_ends,
    sort_into_groups,
    tally,
)
from pipeline.statistics.moving import Moving, squared_sums_of_all
from pipeline.statistics.multiset import Multiset
from pipeline.statistics.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.numeric.arrays import Bools

_COUNTERS = 4


@dataclass(frozen=True, eq=False)
class GroupedColumn:
    """What is known of one column's cells, group by group.

    Attributes:
        window: How many values a window of the moving variance holds.
        counters: Valid, missing, invalid and out-of-range cells: integers of shape (4, groups), in
            a type as small as will do.
        entries: The multisets of the long groups' values.
        ends: All values of a short group, in order; the first and the last `window` of a long one.
        squares: For the long groups, by number: see `Moving.squares`.

    """

    window: int
    counters: Integers
    entries: Entries
    ends: Floats
    squares: Mapping[int, int]

    @classmethod
    def of(cls, codes: Integers, cells: Floats, groups: int, window: int) -> GroupedColumn:
        """Return the state of `cells`, each in the group, of so many `groups`, that `codes` says.

        A cell is a valid value, NaN where it is missing, infinite where it is invalid, minus
        infinite where it is out of range. Both have shape (n,). `window` is as in `Moving`.
        """
        counters = np.zeros((_COUNTERS, groups), np.int64)
        tally(codes, cells, counters)
        bounds = bounds_of(counters[0])
        ordered = sort_into_groups(codes, cells, bounds)
        long = counters[0] > 2 * window
        end_bounds = bounds_of(np.minimum(counters[0], 2 * window))
        chosen = np.flatnonzero(long)
        sums = squared_sums_of_all(ordered, bounds[chosen], bounds[chosen + 1], window)
        return cls(
            window,
            narrow(counters, np.int16),
            Entries.of(ordered, bounds, long),
            copy_ends(ordered, bounds, window, end_bounds),
            dict(zip(chosen.tolist(), sums, strict=True)),
        )

    @property
    def counts(self) -> Integers:
        """How many valid values each group has, int64."""
        counts: Integers = self.counters[0].astype(np.int64)
        return counts

    @property
    def end_bounds(self) -> Integers:
        """Where the ends of each group begin, int64 of shape (groups + 1,)."""
        return bounds_of(np.minimum(self.counts, 2 * self.window))

    @property
    def nbytes(self) -> int:
        """The memory of the arrays, in bytes."""
        return self.counters.nbytes + self.entries.nbytes + self.ends.nbytes

    def counted(self, chosen: Bools) -> Entries:
        """Return the multisets of the `chosen` groups, and of all long ones."""
        counts = self.counts
        fresh = chosen & (counts <= 2 * self.window) & (counts > 0)
        if not fresh.any():
            return self.entries
        return self.entries.union(Entries.of(self.ends, self.end_bounds, fresh))

    def merge(self, other: GroupedColumn, places: Integers, groups: int) -> GroupedColumn:
        """Return the state of these rows followed by those of `other`.

        `places` has the number among all `groups` of each group of `other`.
        """
        lefts = self.counters.shape[1]
        sources = np.full(groups, -1, np.int64)
        sources[places] = np.arange(places.size)
        counters = np.zeros((_COUNTERS, groups), np.int64)
        counters[:, :lefts] = self.counters
        offsets = counters[0].copy()
        counters[:, places] += other.counters
        long = counters[0] > 2 * self.window
        left, right = self.counted(long[:lefts]), other.counted(long[places])
        end_bounds = bounds_of(np.minimum(counters[0], 2 * self.window))
        both = (
            *(self.ends, self.end_bounds, self.counts),
            *(other.ends, other.end_bounds, other.counts),
        )
        return GroupedColumn(
            self.window,
            narrow(counters, np.int16),
            left.merge(right, sources, offsets, int(counters[0].max(initial=0))),
            merge_ends(*both, sources, self.window, end_bounds),
            self._merged_squares(other, sources, np.flatnonzero(long), both) if long.any() else {},
        )

    def _merged_squares(
        self,
        other: GroupedColumn,
        sources: Integers,
        long: Integers,
        both: tuple[Floats | Integers, ...],
    ) -> dict[int, int]:
        """Return the sums over the windows inside, and over those across the seam of each group.

        `both` are the ends, their bounds and the counts of each side.
        """
        across, bounds = join_seams(*both, sources, long, self.window)
        sums = squared_sums_of_all(across, bounds[:-1], bounds[1:], self.window)
        triples = zip(long.tolist(), sources[long].tolist(), sums, strict=True)
        return {
            group: self.squares.get(group, 0) + other.squares.get(source, 0) + more
            for group, source, more in triples
        }

    def take(self, chosen: Integers) -> GroupedColumn:
        """Return the state of the groups with the numbers `chosen`, in that order."""
        counts, end_bounds = self.counts[chosen], self.end_bounds
        long = np.flatnonzero(counts > 2 * self.window)
        taken = bounds_of(np.minimum(counts, 2 * self.window))
        pairs = zip(long.tolist(), chosen[long].tolist(), strict=True)
        return GroupedColumn(
            self.window,
            self.counters[:, chosen],
            self.entries.take(chosen),
            take_slices(self.ends, end_bounds, chosen, taken),
            {i: self.squares[group] for i, group in pairs},
        )

    def moving(self, group: int) -> Moving:
        """Return the windows of a group, by its number."""
        ends = self._ends(group)
        if self.counters[0, group] <= 2 * self.window:
            return Moving.of(ends, self.window)
        return Moving(self.window, ends[: self.window], ends[-self.window :], self.squares[group])

    def summary(self, group: int) -> Summary:
        """Return the summary of the cells of a group, by its number."""
        count, missing, invalid, out_of_range = self.counters[:, group].tolist()
        short = count <= 2 * self.window
        multiset = Multiset.of(self._ends(group)) if short else self.entries.multiset(group)
        return Summary(multiset, self.moving(group), count, missing, invalid, out_of_range)

    def _ends(self, group: int) -> Floats:
        start, stop = self.end_bounds[group : group + 2].tolist()
        return self.ends[start:stop]
