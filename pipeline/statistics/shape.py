"""The shape of a multiset: what must be known of it before a picture of it can be drawn.

Shapes of value ranges that have no value in common merge, in any order; each has a fixed size.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from typing import TYPE_CHECKING

import numpy as np

from pipeline.numeric.jit import inlined, kernel

if TYPE_CHECKING:
    from pipeline.numeric.arrays import Bools, Floats, Integers
    from pipeline.statistics.multiset import Multiset

MOST_DECIMALS = 9
"""Decimals that are told apart; a value with more counts as having one more than this."""

_KEPT = 12
_EXACT = 2.0**53
_SURE = 2.0**50
"""Below it a multiple of a power of ten is found in one multiplication, rounded as that may be."""
_NEARLY_ALL = Fraction(99, 100)


@dataclass(frozen=True)
class Shape:
    """Resolution, frequent values and outermost values of a multiset.

    Attributes:
        decimals: How many values have 0, 1, 2 ... decimals; the last number is of those with more
            than MOST_DECIMALS.
        units: For each number of decimals the greatest common divisor of its values, in units of
            the last decimal; 0 where there is none.
        frequent: The most frequent values as (count, minus first position, value), the most
            frequent first.
        lowest: The least values with their counts, rising.
        highest: The greatest values with their counts, rising.

    """

    decimals: tuple[int, ...] = (0,) * (MOST_DECIMALS + 2)
    units: tuple[int, ...] = (0,) * (MOST_DECIMALS + 1)
    frequent: tuple[tuple[int, int, float], ...] = ()
    lowest: tuple[tuple[float, int], ...] = ()
    highest: tuple[tuple[float, int], ...] = ()

    @classmethod
    def of(cls, values: Multiset) -> Shape:
        """Return the shape of the multiset `values`."""
        if not values.distinct:
            return cls()
        decimals, units = resolved(values)
        chosen = _most_frequent(values.counts, values.firsts)
        lowest, highest = (
            tuple(zip(values.values[end].tolist(), values.counts[end].tolist(), strict=True))
            for end in (slice(_KEPT), slice(-_KEPT, None))
        )
        return cls(
            tuple(decimals),
            tuple(units),
            tuple(
                (int(values.counts[i]), -int(values.firsts[i]), float(values.values[i]))
                for i in chosen.tolist()
            ),
            lowest,
            highest,
        )

    def merge(self, other: Shape) -> Shape:
        """Return the shape of the union with `other`, which has no value of these."""
        return Shape(
            tuple(a + b for a, b in zip(self.decimals, other.decimals, strict=True)),
            tuple(gcd(a, b) for a, b in zip(self.units, other.units, strict=True)),
            tuple(sorted(self.frequent + other.frequent, reverse=True)[:_KEPT]),
            tuple(sorted(self.lowest + other.lowest)[:_KEPT]),
            tuple(sorted(self.highest + other.highest)[-_KEPT:]),
        )

    @property
    def resolution(self) -> Fraction | None:
        """The step of which 99 % of the values are multiples; None where there is none.

        Values that have more decimals than nearly all others do not count.
        """
        total, share = sum(self.decimals), 0
        for places in range(MOST_DECIMALS + 1):
            share += self.decimals[places]
            if total and share >= _NEARLY_ALL * total:
                scaled = (self.units[d] * 10 ** (places - d) for d in range(places + 1))
                return Fraction(gcd(*scaled) or 1, 10**places)
        return None


@kernel
def _most_frequent(counts: Integers, firsts: Integers) -> Integers:
    """Return the indices of the greatest `counts`, the greatest first; of equal ones the first."""
    kept = np.empty(min(_KEPT, counts.size), np.int64)
    used = 0
    for i in range(counts.size):
        place = used
        while place > 0 and (
            counts[i] > counts[kept[place - 1]]
            or (counts[i] == counts[kept[place - 1]] and firsts[i] < firsts[kept[place - 1]])
        ):
            place -= 1
        if place < kept.size:
            used = min(used + 1, kept.size)
            for j in range(used - 1, place, -1):
                kept[j] = kept[j - 1]
            kept[place] = i
    return kept


@inlined
def count_decimals(values: Floats, fits: Bools, counts: Integers) -> None:
    """Count into `counts` the values that have at most 0, 1, 2 ... decimals.

    `fits` is room to work in, for as many as there are values.
    """
    fits[:] = False
    power = 1.0
    for places in range(counts.size):
        for i in range(values.size):
            scaled = np.rint(values[i] * power)
            fits[i] |= (abs(scaled) < _EXACT) & (scaled / power == values[i])
        for i in range(values.size):
            counts[places] += fits[i]
        power *= 10.0


def resolved(values: Multiset) -> tuple[list[int], list[int]]:
    """Return how many of the `values` have 0, 1, 2 ... MOST_DECIMALS decimals, and more than that.

    And for each number of decimals but the last the greatest common divisor of those that have it,
    in units of the last decimal; 0 where there is none.
    """
    counts, units = np.zeros(MOST_DECIMALS + 2, np.int64), np.zeros(MOST_DECIMALS + 1, np.int64)
    _resolve(values.values, values.counts.astype(np.int64, copy=False), counts, units)
    return counts.tolist(), units.tolist()


@kernel
def _resolve(values: Floats, times: Integers, counts: Integers, units: Integers) -> None:
    top = 10.0 ** (units.size - 1)
    for i in range(values.size):
        value, power, found = values[i], 1.0, units.size
        most = value * top
        if abs(most) < _SURE and np.rint(most) / top != value:
            counts[found] += times[i]
            continue
        for places in range(units.size):
            scaled = np.rint(value * power)
            if abs(scaled) < _EXACT and scaled / power == value:
                found = places
                if units[places] != 1:
                    units[places] = _divisor(units[places], np.int64(abs(scaled)))
                break
            power *= 10.0
        counts[found] += times[i]


@inlined
def _divisor(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a
