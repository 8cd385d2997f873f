"""Summaries by group: one monoid over consecutive rows, whose groups lie one after the other.

What a `Summary` keeps of a column, `GroupedColumn` keeps of each group of its rows, in arrays: no
object for each group, of which there may be a million. A group's state is no larger than its rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pipeline.numeric.arrays import Floats, Integers
from pipeline.numeric.keys import Keys
from pipeline.statistics.divisions import Divisions
from pipeline.statistics.grouped_kernels import (
    copy_ends,
    count_entries,
    first_rows,
    indices_of,
    merge_ends,
    merge_entries,
    sort_into_groups,
    tally,
)
from pipeline.statistics.moving import Moving, squared_sums
from pipeline.statistics.multiset import Multiset, integer_type
from pipeline.statistics.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_COUNTERS = 4


class Entries(NamedTuple):
    """The multisets of all groups, one after the other: `bounds` says where each begins."""

    bounds: Integers
    values: Floats
    counts: Integers
    firsts: Integers

    def as_type(self, kind: type[np.integer[Any]]) -> Entries:
        """Return them with counts and positions of the type `kind`."""
        return self._replace(
            counts=self.counts.astype(kind, copy=False), firsts=self.firsts.astype(kind, copy=False)
        )


@dataclass(frozen=True, eq=False)
class GroupedColumn:
    """What is known of one column's cells, group by group.

    Attributes:
        window: How many values a window of the moving variance holds.
        counters: Valid, missing, invalid and out-of-range cells: int64 of shape (4, groups).
        entries: The multisets of the valid values; positions count the group's valid values.
        end_bounds: Where the ends of each group begin, int64 of shape (groups + 1,).
        ends: The first and the last `window` values of each group, or all if they are no more.
        squares: For groups with whole windows inside, by number: see `Moving.squares`.

    """

    window: int
    counters: Integers
    entries: Entries
    end_bounds: Integers
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
        bounds = _bounds(counters[0])
        ordered = sort_into_groups(codes, cells, bounds)
        kind = integer_type(ordered.size)
        entry_bounds = np.empty(groups + 1, np.int64)
        room = ordered.size
        values, counts, firsts = np.empty(room), np.empty(room, kind), np.empty(room, kind)
        used = count_entries(ordered, bounds, entry_bounds, values, counts, firsts)
        entries = Entries(entry_bounds, *(a[:used].copy() for a in (values, counts, firsts)))
        end_bounds = _bounds(np.minimum(counters[0], 2 * window))
        ends = copy_ends(ordered, bounds, window, end_bounds)
        squares = {
            group: squared_sums(ordered[bounds[group] : bounds[group + 1]], window)
            for group in np.flatnonzero(counters[0] >= window).tolist()
        }
        return cls(window, counters, entries, end_bounds, ends, squares)

    @property
    def counts(self) -> Integers:
        """How many valid values each group has."""
        counts: Integers = self.counters[0]
        return counts

    @property
    def nbytes(self) -> int:
        """The memory of the arrays, in bytes."""
        entries = sum(array.nbytes for array in self.entries)
        return self.counters.nbytes + entries + self.end_bounds.nbytes + self.ends.nbytes

    def merge(self, other: GroupedColumn, places: Integers, groups: int) -> GroupedColumn:
        """Return the state of these rows followed by those of `other`.

        `places` has the number among all `groups` of each group of `other`.
        """
        lefts = self.counts.size
        sources = np.full(groups, -1, np.int64)
        sources[places] = np.arange(places.size)
        counters = np.zeros((_COUNTERS, groups), np.int64)
        counters[:, :lefts] = self.counters
        offsets = counters[0].copy()
        counters[:, places] += other.counters
        end_bounds = _bounds(np.minimum(counters[0], 2 * self.window))
        ends = merge_ends(
            *(self.ends, self.end_bounds, self.counts),
            *(other.ends, other.end_bounds, other.counts),
            *(sources, self.window, end_bounds),
        )
        return GroupedColumn(
            self.window,
            counters,
            self._merged_entries(other, sources, offsets, int(counters[0].max(initial=0))),
            end_bounds,
            ends,
            self._merged_squares(other, places),
        )

    def _merged_entries(
        self, other: GroupedColumn, sources: Integers, offsets: Integers, most: int
    ) -> Entries:
        kind = integer_type(most)
        room = self.entries.values.size + other.entries.values.size
        values, counts, firsts = np.empty(room), np.empty(room, kind), np.empty(room, kind)
        bounds = np.empty(sources.size + 1, np.int64)
        used = merge_entries(
            *self.entries.as_type(kind),
            *other.entries.as_type(kind),
            *(sources, offsets, bounds, values, counts, firsts),
        )
        for array in (values, counts, firsts):
            array.resize(used, refcheck=False)
        return Entries(bounds, values, counts, firsts)

    def _merged_squares(self, other: GroupedColumn, places: Integers) -> dict[int, int]:
        """Return the sums over whole windows, with those across the seam of each group."""
        squares = dict(self.squares)
        for group, more in other.squares.items():
            place = int(places[group])
            squares[place] = squares.get(place, 0) + more
        shared = np.flatnonzero(places < self.counts.size)
        both = self.counts[places[shared]] + other.counts[shared]
        for group in shared[both >= self.window].tolist():
            place = int(places[group])
            head, tail = other._head(group), self._tail(place)
            across = np.concatenate(
                (tail[max(0, tail.size - self.window + 1) :], head[: self.window - 1])
            )
            squares[place] = squares.get(place, 0) + squared_sums(across, self.window)
        return squares

    def _head(self, group: int) -> Floats:
        start, stop = self.end_bounds[group : group + 2].tolist()
        return self.ends[start : min(start + self.window, stop)]

    def _tail(self, group: int) -> Floats:
        start, stop = self.end_bounds[group : group + 2].tolist()
        return self.ends[max(start, stop - self.window) : stop]

    def take(self, chosen: Integers) -> GroupedColumn:
        """Return the state of the groups with the numbers `chosen`, in that order."""
        entry_bounds = _bounds(np.diff(self.entries.bounds)[chosen])
        entries = indices_of(self.entries.bounds, chosen, entry_bounds)
        end_bounds = _bounds(np.diff(self.end_bounds)[chosen])
        return GroupedColumn(
            self.window,
            self.counters[:, chosen],
            Entries(entry_bounds, *(array[entries] for array in self.entries[1:])),
            end_bounds,
            self.ends[indices_of(self.end_bounds, chosen, end_bounds)],
            {
                i: self.squares[group]
                for i, group in enumerate(chosen.tolist())
                if group in self.squares
            },
        )

    def moving(self, group: int) -> Moving:
        """Return the windows of a group, by its number."""
        squares = self.squares.get(group, 0)
        return Moving(self.window, self._head(group), self._tail(group), squares)

    def summary(self, group: int) -> Summary:
        """Return the summary of the cells of a group, by its number."""
        start, stop = self.entries.bounds[group : group + 2].tolist()
        count, missing, invalid, out_of_range = self.counters[:, group].tolist()
        _, values, counts, firsts = self.entries
        multiset = Multiset(values[start:stop], counts[start:stop], firsts[start:stop])
        return Summary(multiset, self.moving(group), count, missing, invalid, out_of_range)


@dataclass(frozen=True, eq=False)
class Grouped:
    """What is known of consecutive rows, group by group, in the order in which groups appear.

    Attributes:
        keys: The keys of the groups.
        firsts: The row at which each appears first, int64 of shape (groups,).
        rows: How many rows there are, in these groups and in others that were cut away.
        columns: The columns' states.

    """

    keys: Keys
    firsts: Integers
    rows: int
    columns: tuple[GroupedColumn, ...]

    @classmethod
    def of(cls, keys: Keys, codes: Integers, columns: Sequence[Floats], window: int) -> Grouped:
        """Return the state of rows of some `columns`, whose keys are `keys[codes]`.

        `codes` is int64 of shape (n,), each group occurs, and they are numbered as they appear;
        each column has shape (n,), its cells and the `window` as in `GroupedColumn.of`.
        """
        states = tuple(GroupedColumn.of(codes, cells, len(keys), window) for cells in columns)
        return cls(keys, first_rows(codes, len(keys)), codes.size, states)

    @classmethod
    def empty(cls, columns: int, window: int) -> Grouped:
        """Return the state of no rows of so many `columns`, for windows of `window` values."""
        return cls.of(Keys.of([]), np.empty(0, np.int64), [np.empty(0)] * columns, window)

    def __len__(self) -> int:
        """Return how many groups there are."""
        return len(self.keys)

    @property
    def count(self) -> int:
        """The most values that a column has in these groups."""
        return max(int(column.counts.sum()) for column in self.columns)

    @property
    def distinct(self) -> int:
        """How many entries, and values at the ends of groups, there are in all columns."""
        return sum(column.entries.values.size + column.ends.size for column in self.columns)

    def divisions(self, parts: int) -> Divisions:
        """Return what cuts the groups into so many parts."""
        return Divisions(groups=parts)

    @property
    def nbytes(self) -> int:
        """The memory of the arrays, in bytes."""
        columns = sum(column.nbytes for column in self.columns)
        return self.keys.nbytes + self.firsts.nbytes + columns

    def merge(self, other: Grouped) -> Grouped:
        """Return the state of these rows followed by those of `other`."""
        keys, places = self.keys.union(other.keys)
        new = places >= len(self)
        firsts = np.concatenate((self.firsts, other.firsts[new] + self.rows))
        pairs = zip(self.columns, other.columns, strict=True)
        columns = tuple(left.merge(right, places, len(keys)) for left, right in pairs)
        return Grouped(keys, firsts, self.rows + other.rows, columns)

    def take(self, chosen: Integers) -> Grouped:
        """Return the state of the groups with the numbers `chosen`; of rows, all count."""
        columns = tuple(column.take(chosen) for column in self.columns)
        return Grouped(self.keys.take(chosen), self.firsts[chosen], self.rows, columns)

    def cut(self, lanes: int) -> list[Grouped]:
        """Return the groups in so many `lanes`, by the hash of the key; within each, in order."""
        lane = self.keys.hashes % np.uint64(lanes)
        return [self.take(np.flatnonzero(lane == np.uint64(i))) for i in range(lanes)]


def _bounds(sizes: Integers) -> Integers:
    bounds = np.zeros(sizes.size + 1, np.int64)
    np.cumsum(sizes, out=bounds[1:])
    return bounds
