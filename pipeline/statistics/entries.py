"""The multisets of many groups, one after the other in three arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pipeline.numeric.arrays import Floats, Integers
from pipeline.numeric.slices import bounds_of, narrow, take_slices
from pipeline.statistics.grouped_kernels import count_entries, merge_entries
from pipeline.statistics.multiset import Multiset, integer_type

if TYPE_CHECKING:
    from pipeline.numeric.arrays import Bools


class Entries(NamedTuple):
    """Multisets of groups; a group may have none.

    Fields:
        bounds: Where each group's entries begin, and the last one's end: (groups + 1,).
        values: The distinct values of each group, in rising order.
        counts: How often each occurs.
        firsts: At which of the group's values each appears first, from 0.

    """

    bounds: Integers
    values: Floats
    counts: Integers
    firsts: Integers

    @classmethod
    def of(cls, values: Floats, bounds: Integers, chosen: Bools) -> Entries:
        """Return those of the `chosen` groups, whose `values` lie between their `bounds`.

        The other groups have none.
        """
        sizes = np.where(chosen, np.diff(bounds), 0)
        kind = integer_type(int(sizes.max(initial=0)))
        found = _room(chosen.size, int(sizes.sum()), kind)
        return _cut(found, count_entries(values, bounds, chosen, *found))

    @property
    def nbytes(self) -> int:
        """The memory of the arrays, in bytes."""
        return sum(array.nbytes for array in self)

    def merge(
        self, other: Entries, lefts: Integers, rights: Integers, offsets: Integers, most: int
    ) -> Entries:
        """Return the multisets of these values, group by group, followed by those of `other`.

        `lefts` and `rights` have the number here and in `other` of each group, or -1; `offsets` how
        many values come before those of `other`; `most` is the most values of a group.
        """
        kind = integer_type(most)
        merged = _room(lefts.size, self.values.size + other.values.size, kind)
        left, right = _as_type(self, kind), _as_type(other, kind)
        used = merge_entries(
            *(left.bounds, left[1:], lefts, right.bounds, right[1:], rights),
            *(offsets, merged.bounds, merged[1:]),
        )
        return _cut(merged, used)

    def union(self, other: Entries) -> Entries:
        """Return these entries and those of `other`, for the same groups: each has some in one."""
        groups = np.arange(self.bounds.size - 1)
        most = max(int(one.counts.sum()) for one in (self, other))
        return self.merge(other, groups, groups, np.zeros_like(groups), most)

    def take(self, chosen: Integers) -> Entries:
        """Return those of the groups with the numbers `chosen`, in that order."""
        bounds = bounds_of(np.diff(self.bounds)[chosen])
        taken = (take_slices(array, self.bounds, chosen, bounds) for array in self[1:])
        return Entries(narrow(bounds), *taken)

    def between(self, start: int, stop: int) -> Entries:
        """Return those of the groups with the numbers from `start` to before `stop`, as views."""
        bounds = self.bounds[start : stop + 1]
        here = slice(*bounds[[0, -1]].tolist())
        return Entries(bounds - bounds[0], self.values[here], self.counts[here], self.firsts[here])

    def multiset(self, group: int) -> Multiset:
        """Return the multiset of a group, by its number."""
        here = slice(*self.bounds[group : group + 2].tolist())
        return Multiset(self.values[here], self.counts[here], self.firsts[here])


def _room(groups: int, entries: int, kind: type[np.integer[Any]]) -> Entries:
    """Return room for so many entries."""
    bounds = np.empty(groups + 1, np.int64)
    return Entries(bounds, np.empty(entries), np.empty(entries, kind), np.empty(entries, kind))


def _cut(entries: Entries, used: int) -> Entries:
    """Give back the memory of all but the first `used` of the entries, which nobody else has."""
    for array in entries[1:]:
        array.resize(used, refcheck=False)
    return entries._replace(bounds=narrow(entries.bounds))


def _as_type(entries: Entries, kind: type[np.integer[Any]]) -> Entries:
    return entries._replace(
        bounds=entries.bounds.astype(np.int64, copy=False),
        counts=entries.counts.astype(kind, copy=False),
        firsts=entries.firsts.astype(kind, copy=False),
    )
