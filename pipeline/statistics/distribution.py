"""The distribution of a column, exact and small: bins, a curve, frequent and outermost values.

It is found in three looks at the multiset, each of which may be taken range by range: its `Shape`,
order statistics at the `curve_ranks`, and how many values lie at or below the points that follow
from both.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from pipeline.statistics.bins import Bins, Span, choose, span
from pipeline.statistics.shape import Shape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.numeric.arrays import Floats, Integers
    from pipeline.statistics.aggregates import Aggregates
    from pipeline.statistics.multiset import Multiset

_BODY = 1000
_TAIL = range(1, 10)

FAR = 10.0
"""Interquartile ranges beyond the quartiles from which on a value is called far away."""


@dataclass(frozen=True, eq=False)
class Points:
    """At which values a multiset is looked at.

    Attributes:
        where: Where the values lie.
        bins: The bins of the histogram.
        curve: The points of the distribution function, rising.

    """

    where: Span
    bins: Bins
    curve: Floats

    @property
    def all(self) -> Floats:
        """All points: the edges of bins, those of the curve, and the fences of what is far."""
        return np.concatenate((self.bins.edges, self.curve, self.where.fences(FAR)))


@dataclass(frozen=True, eq=False)
class Below:
    """How many values lie below some points, and how many at or below; commutative.

    Attributes:
        below: How many lie below each point, int64 of shape (points,).
        upto: How many lie below it or at it, likewise.

    """

    below: Integers
    upto: Integers

    @classmethod
    def of(cls, values: Multiset, points: Floats) -> Below:
        """Return the numbers for the multiset `values` and `points` of shape (points,)."""
        ends = np.concatenate(([0], np.cumsum(values.counts, dtype=np.int64)))
        below, upto = (
            ends[np.searchsorted(values.values, points, side)] for side in ("left", "right")
        )
        return cls(below, upto)

    def merge(self, other: Below) -> Below:
        """Return the numbers for the union with `other`, of the same points."""
        return Below(self.below + other.below, self.upto + other.upto)


@dataclass(frozen=True, eq=False)
class Distribution:
    """The distribution of a column with one value or more; its size does not depend on them.

    Attributes:
        shape: Resolution, frequent and outermost values.
        where: Where the values lie.
        bins: The bins of the histogram.
        counts: How many values lie in each bin, int64 of shape (bins.number,).
        outside: How many lie below the first bin, and above the last.
        far: How many lie beyond the fences of what is FAR, below and above.
        curve: Values, rising: float64 of shape (points,).
        upto: How many values lie at or below each of them, int64 of the same shape.
        below: How many values lie below each of them, likewise.

    """

    shape: Shape
    where: Span
    bins: Bins
    counts: Integers
    outside: tuple[int, int]
    far: tuple[int, int]
    curve: Floats
    upto: Integers
    below: Integers

    @classmethod
    def of(cls, shape: Shape, points: Points, found: Below, count: int) -> Distribution:
        """Return that of `count` values of a `shape` from what was `found` at the `points`."""
        edges, last = points.bins.number + 1, points.bins.number
        curve = slice(edges, edges + points.curve.size)
        far = int(found.below[-2]), count - int(found.upto[-1])
        return cls(
            shape,
            points.where,
            points.bins,
            np.diff(found.below[:edges]),
            (int(found.below[0]), count - int(found.below[last])),
            far,
            points.curve,
            found.upto[curve],
            found.below[curve],
        )

    @property
    def complete(self) -> bool:
        """Whether the curve goes through every different value."""
        return bool((self.upto[:-1] == self.below[1:]).all())

    def gaps(self) -> Integers:
        """Return the places in the curve behind which, up to the next point, there is no value."""
        return np.flatnonzero(self.upto[:-1] == self.below[1:])


def curve_ranks(count: int) -> list[int]:
    """Return the ranks of the order statistics that the curve goes through, rising.

    Every thousandth of the `count` values and, towards both ends, ever smaller shares.
    """
    if not count:
        return []
    ranks = {i * (count - 1) // _BODY for i in range(_BODY + 1)}
    step = 1
    while step * _BODY < count:
        ranks |= {
            end for n in _TAIL for end in (n * step, count - 1 - n * step) if 0 <= end < count
        }
        step *= 10
    return sorted(ranks)


def choose_points(shape: Shape, whole: Aggregates, order: Mapping[int, float]) -> Points:
    """Return at which values a multiset is looked at.

    Args:
        shape: Its shape.
        whole: Its aggregates; it holds one value or more.
        order: Its order statistics by rank, at least those of `curve_ranks`.

    """
    count = whole.count
    body = [order[i * (count - 1) // _BODY] for i in range(_BODY + 1)]
    ends = [value for value, _ in (*shape.lowest, *shape.highest)]
    where = span(body, whole.mode.value, Fraction(whole.mode.count, count), sorted(ends))
    curve = sorted({*(order[rank] for rank in curve_ranks(count)), *ends})
    return Points(where, choose(where, shape.resolution), np.array(curve))


def of_multiset(values: Multiset, whole: Aggregates) -> Distribution | None:
    """Return the distribution of a multiset in one place, None if it is empty.

    Args:
        values: The multiset.
        whole: Its aggregates.

    """
    if not whole.count:
        return None
    ranks = curve_ranks(whole.count)
    order = dict(zip(ranks, values.select(ranks), strict=True))
    shape = Shape.of(values)
    points = choose_points(shape, whole, order)
    return Distribution.of(shape, points, Below.of(values, points.all), whole.count)


def merge_shapes(shapes: Sequence[Shape]) -> Shape:
    """Return the shape of the union of ranges with these `shapes`."""
    total = Shape()
    for shape in shapes:
        total = total.merge(shape)
    return total


def merge_below(parts: Sequence[Below]) -> Below:
    """Return the numbers of all `parts`, of which there is at least one."""
    total = parts[0]
    for part in parts[1:]:
        total = total.merge(part)
    return total
