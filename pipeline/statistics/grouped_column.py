"""The state of one column, group by group, in arrays: no object for each group.

A short group, of no more values than two windows, is kept as its values. A long one is what a
`Summary` is: its distinct values, the ends of its windows, and the sum over those inside. So a
group's state is no larger than its rows, and short ones are merged by putting values in a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
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
    from collections.abc import Mapping, Sequence

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
    def of(cls, codes: Integers, cells: Floats, groups: Integers, window: int) -> GroupedColumn:
        """Return the state of `cells`, whose groups are told by the numbers `codes`.

        A cell is a valid value, NaN where it is missing, infinite where it is invalid, minus
        infinite where it is out of range. Both have shape (n,). `groups` has the number of each
        group, in the order in which they shall stand. `window` is as in `Moving`.
        """
        numbers = int(groups.max(initial=-1)) + 1
        counters = np.zeros((_COUNTERS, numbers), np.int64)
        tally(codes, cells, counters)
        counters = counters.take(groups, axis=1)
        bounds = bounds_of(counters[0])
        places = np.empty(numbers, np.int64)
        places[groups] = bounds[:-1]
        ordered = sort_into_groups(codes, cells, places, bounds[-1])
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

    def merge(self, other: GroupedColumn, lefts: Integers, rights: Integers) -> GroupedColumn:
        """Return the state of these rows followed by those of `other`.

        Group by group, `lefts` has its number here and `rights` in `other`: -1 where it is not.
        """
        before = _or_zero(self.counters, lefts)
        counters = np.add(before, _or_zero(other.counters, rights), dtype=np.int64)
        long = np.flatnonzero(counters[0] > 2 * self.window)
        left, right = self._counted_at(lefts[long]), other._counted_at(rights[long])
        end_bounds = bounds_of(np.minimum(counters[0], 2 * self.window))
        both = (
            *(self.ends, self.end_bounds, self.counts, lefts),
            *(other.ends, other.end_bounds, other.counts, rights),
        )
        offsets = before[0].astype(np.int64)
        return GroupedColumn(
            self.window,
            narrow(counters, np.int16),
            left.merge(right, lefts, rights, offsets, int(counters[0].max(initial=0))),
            merge_ends(*both, self.window, end_bounds),
            self._merged_squares(other, long, both) if long.size else {},
        )

    def _counted_at(self, groups: Integers) -> Entries:
        """Return the multisets of some `groups`, -1 for none, and of all long ones."""
        if not groups.size:
            return self.entries
        chosen = np.zeros(self.counters.shape[1], np.bool_)
        chosen[groups[groups >= 0]] = True
        return self.counted(chosen)

    def _merged_squares(
        self, other: GroupedColumn, long: Integers, both: tuple[Floats | Integers, ...]
    ) -> dict[int, int]:
        """Return the sums over the windows inside, and over those across the seam of each group.

        `both` are the ends, their bounds, the counts and the numbers of each side.
        """
        across, bounds = join_seams(*both, long, self.window)
        sums = squared_sums_of_all(across, bounds[:-1], bounds[1:], self.window)
        lefts, rights = both[3][long].tolist(), both[7][long].tolist()
        return {
            group: self.squares.get(one, 0) + other.squares.get(another, 0) + more
            for group, one, another, more in zip(long.tolist(), lefts, rights, sums, strict=True)
        }

    def cut(self, cuts: Sequence[int]) -> list[GroupedColumn]:
        """Return the states of the groups between neighbouring `cuts`, which rise, as views."""
        end_bounds = self.end_bounds
        return [
            GroupedColumn(
                self.window,
                self.counters[:, a:b],
                self.entries.between(a, b),
                self.ends[end_bounds[a] : end_bounds[b]],
                {group - a: sum_ for group, sum_ in self.squares.items() if a <= group < b},
            )
            for a, b in pairwise(cuts)
        ]

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


def _or_zero(counters: Integers, groups: Integers) -> Integers:
    """Return the `counters` of some `groups`, 0 where the number is -1."""
    nothing = np.zeros((_COUNTERS, 1), counters.dtype)
    return np.concatenate((counters, nothing), axis=1).take(groups, axis=1)
