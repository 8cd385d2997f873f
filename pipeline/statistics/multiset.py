"""The exact multiset of a column's values: which, how often, and where each appears first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.numeric.arrays import Floats, Integers
from pipeline.numeric.intrinsics import float_bits
from pipeline.numeric.jit import inlined, kernel
from pipeline.numeric.merging import merge_rising
from pipeline.numeric.sorting import rising

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.numeric.merging import EntryArrays

_MOST_UINT32 = int(np.iinfo(np.uint32).max)
_FEW = 1 << 16
"""Distinct values up to which counting in a hash table beats sorting: the table stays in cache."""

_GOLDEN = 0x9E3779B97F4A7C15


@dataclass(frozen=True, eq=False)
class Multiset:
    """Distinct values in rising order, with the count and the first position of each.

    The three arrays have one shape, (distinct,). Size: 16 bytes for each distinct value, or 24
    where a count or a position may need more than 32 bits.

    Attributes:
        values: The distinct values, float64, finite, in rising order; 0.0 and never -0.0.
        counts: How often each occurs, 1 or more.
        firsts: Where each appears first, in valid values counted from 0.

    """

    values: Floats
    counts: Integers
    firsts: Integers

    @classmethod
    def of(cls, values: Floats) -> Multiset:
        """Return the multiset of finite float64 `values`; -0.0 counts as 0.0."""
        counted, distinct, counts, firsts = _count(values, min(values.size, _FEW))
        if not counted:
            return cls._sorted(values + 0.0)
        order = rising(distinct)
        kind = integer_type(values.size)
        return cls(distinct[order], counts[order].astype(kind), firsts[order].astype(kind))

    @classmethod
    def _sorted(cls, values: Floats) -> Multiset:
        order = rising(values)
        ranked = values[order]
        starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
        counts = np.diff(np.r_[starts, values.size])
        kind = integer_type(values.size)
        firsts = np.minimum.reduceat(order, starts)
        return cls(ranked[starts], counts.astype(kind), firsts.astype(kind))

    @cached_property
    def size(self) -> int:
        """The number of values, repetitions counted."""
        return int(self.counts.sum())

    @property
    def distinct(self) -> int:
        """The number of different values."""
        return self.values.size

    @property
    def nbytes(self) -> int:
        """The memory of the arrays, in bytes."""
        return self.values.nbytes + self.counts.nbytes + self.firsts.nbytes

    def merge(self, other: Multiset, offset: int) -> Multiset:
        """Return the union with `other`, whose positions begin `offset` values later.

        There are no more than `offset` values here.
        """
        if not other.distinct:
            return self
        kind = integer_type(offset + max(other.size, int(other.firsts.max()) + 1))
        room = self.distinct + other.distinct
        merged = np.empty(room), np.empty(room, kind), np.empty(room, kind)
        used = _merge(self._as(kind), other._as(kind), offset, merged)
        for array in merged:
            array.resize(used, refcheck=False)
        return Multiset(*merged)

    def _as(self, kind: type[np.integer[Any]]) -> EntryArrays:
        return (
            self.values,
            self.counts.astype(kind, copy=False),
            self.firsts.astype(kind, copy=False),
        )

    def cut(self, divisions: Sequence[float]) -> list[Multiset]:
        """Return the values of each range, one more than `divisions`, which rise.

        The first range lies below the first division, the next from there to below the second.
        """
        cuts = [0, *np.searchsorted(self.values, divisions).tolist(), self.distinct]
        return [
            Multiset(
                self.values[low:high].copy(),
                self.counts[low:high].copy(),
                self.firsts[low:high].copy(),
            )
            for low, high in pairwise(cuts)
        ]

    def divisions(self, ranges: int) -> tuple[float, ...]:
        """Return the values that cut it into `ranges` with equally many distinct values."""
        return tuple(self.values[self.distinct * i // ranges] for i in range(1, ranges))

    def select(self, ranks: Sequence[int]) -> list[float]:
        """Return the order statistics of these ranks, counted from 0."""
        ends = np.cumsum(self.counts, dtype=np.int64)
        return [float(self.values[i]) for i in np.searchsorted(ends, ranks, side="right")]


def integer_type(largest: int) -> type[np.integer[Any]]:
    """Return the type in which counts and positions up to `largest` are kept."""
    return np.uint32 if largest <= _MOST_UINT32 else np.int64


@kernel
def _count(values: Floats, limit: int) -> tuple[bool, Floats, Integers, Integers]:
    """Count in a hash table with open addressing; give up beyond `limit` distinct values."""
    bits = 1
    while 1 << bits < 2 * limit:
        bits += 1
    slots = np.full(1 << bits, -1, np.int32)
    distinct = np.empty(limit, np.float64)
    counts = np.empty(limit, np.int64)
    firsts = np.empty(limit, np.int64)
    used = 0
    for i in range(values.size):
        value = values[i] + 0.0
        slot = _slot(slots, bits, distinct, value)
        entry = slots[slot]
        if entry >= 0:
            counts[entry] += 1
            continue
        if used == limit:
            return False, distinct, counts, firsts
        slots[slot] = used
        distinct[used] = value
        counts[used] = 1
        firsts[used] = i
        used += 1
    return True, distinct[:used], counts[:used], firsts[:used]


@inlined
def _slot(slots: Integers, bits: int, distinct: Floats, value: float) -> int:
    """Return the slot that holds the value's entry, or the free one where it belongs."""
    slot = np.int64((float_bits(value) * np.uint64(_GOLDEN)) >> np.uint64(64 - bits))
    while slots[slot] >= 0 and distinct[slots[slot]] != value:
        slot = (slot + 1) & (slots.size - 1)
    return slot


@kernel
def _merge(ours: EntryArrays, theirs: EntryArrays, offset: int, merged: EntryArrays) -> int:
    """Merge all of two multisets into arrays with room for both; return how many are used."""
    sizes = ours[0].size, theirs[0].size
    return merge_rising(ours, 0, sizes[0], theirs, 0, sizes[1], offset, merged, 0)
