"""Summaries by group: one monoid over consecutive rows, whose groups lie one after the other.

They rise by the hash of their key, so that two states merge in one walk along both, and the parts
into which a state is cut are slices of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from pipeline.numeric.arrays import Floats, Integers
from pipeline.numeric.keys import Keys
from pipeline.numeric.slices import narrow
from pipeline.statistics.divisions import Divisions
from pipeline.statistics.grouped_column import GroupedColumn
from pipeline.statistics.grouped_kernels import first_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

_HASH_BITS = 64


@dataclass(frozen=True, eq=False)
class Grouped:
    """What is known of consecutive rows, group by group, in the order of `Keys.order`.

    Attributes:
        keys: The keys of the groups.
        firsts: The row at which each appears first, integers of shape (groups,).
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

        `codes` is int64 of shape (n,), and some `keys` may not occur; each column has shape (n,),
        its cells and the `window` as in `GroupedColumn.of`.
        """
        firsts = first_rows(codes, len(keys))
        present = np.flatnonzero(firsts >= 0)
        if present.size < len(keys):
            keys = keys.take(present)
        order = keys.order()
        groups = present[order]
        states = tuple(GroupedColumn.of(codes, cells, groups, window) for cells in columns)
        return cls(keys.take(order), narrow(firsts[groups]), codes.size, states)

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
        keys, lefts, rights = self.keys.merge(other.keys)
        new = lefts < 0
        firsts = np.empty(len(keys), np.int64)
        firsts[~new] = self.firsts
        firsts[new] = other.firsts[rights[new]].astype(np.int64) + self.rows
        pairs = zip(self.columns, other.columns, strict=True)
        columns = tuple(left.merge(right, lefts, rights) for left, right in pairs)
        return Grouped(keys, narrow(firsts), self.rows + other.rows, columns)

    def cut(self, lanes: int) -> list[Grouped]:
        """Return the groups in so many `lanes`, by the hash of the key, as views."""
        starts = np.array([(i << _HASH_BITS) // lanes for i in range(lanes)], np.uint64)
        cuts = [*np.searchsorted(self.keys.hashes, starts).tolist(), len(self)]
        columns = zip(*(column.cut(cuts) for column in self.columns), strict=True)
        return [
            Grouped(self.keys.between(a, b), self.firsts[a:b], self.rows, parts)
            for (a, b), parts in zip(pairwise(cuts), columns, strict=True)
        ]
