"""Bins: where a histogram is cut, chosen so that no comb appears.

A bin is as wide as several steps of the values' own resolution, and its edges lie half a step
beside them: each bin may hold equally many different values, and no value lies on an edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor, lcm
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.numeric.arrays import Floats

IN_VIEW = 120
"""Bins, about, of what a reader sees first."""

MOST = 4096
"""Bins at most, those outside the first view included."""

_ENOUGH = 30
_NEAR = 5
_FAR = 50
_OFTEN = Fraction(3, 10)
_QUARTERS = 4
_LARGEST = Fraction(np.finfo(np.float64).max)
_NICE = (1, 2, 5)


@dataclass(frozen=True)
class Bins:
    """Bins of equal width that follow one another.

    Attributes:
        first: The left edge of the first bin, in the unit of the values.
        width: The width of each.
        number: How many there are.

    """

    first: Fraction
    width: Fraction
    number: int

    @property
    def edges(self) -> Floats:
        """All edges, rising: float64 of shape (number + 1,)."""
        below = lcm(self.first.denominator, self.width.denominator)
        start, step, most = (int(one * below) for one in (self.first, self.width, _LARGEST))
        exact = (start + i * step for i in range(self.number + 1))
        return np.array([min(max(edge, -most), most) / below for edge in exact])


@dataclass(frozen=True)
class Span:
    """Where values lie.

    Attributes:
        low: The quartile below, of the values but the mode where that is very frequent.
        high: The quartile above, likewise.
        near: From where to where nearly all lie: what a reader sees first.
        far: From where to where bins are drawn; beyond, values are counted and told of.

    """

    low: float
    high: float
    near: tuple[float, float]
    far: tuple[float, float]

    def fences(self, widths: float) -> tuple[float, float]:
        """Return the values so many interquartile `widths` below and above the quartiles."""
        return _fences(self.low, self.high, widths)


def span(sample: Sequence[float], mode: float, share: Fraction, ends: Sequence[float]) -> Span:
    """Return where values lie.

    Args:
        sample: Order statistics at equally spaced ranks, rising; at least one.
        mode: The most frequent value.
        share: The share of the values that are equal to it.
        ends: The outermost values, in any order; at least one.

    """
    others = [value for value in sample if value != mode] if share > _OFTEN else list(sample)
    others = others or list(ends)
    low, high = others[len(others) // _QUARTERS], others[(_QUARTERS - 1) * len(others) // _QUARTERS]
    if low == high:
        low, high = min(others[0], mode), max(others[-1], mode)
    known = sorted({*sample, *ends, mode})

    def inside(widths: float) -> tuple[float, float]:
        below, above = _fences(low, high, widths)
        kept = [value for value in known if below <= value <= above] or known
        return kept[0], kept[-1]

    return Span(low, high, inside(_NEAR), inside(_FAR))


def _fences(low: float, high: float, widths: float) -> tuple[float, float]:
    width = high / 2 - low / 2  # halves, for the difference may be beyond float64
    return low - width * widths * 2, high + width * widths * 2


def choose(where: Span, resolution: Fraction | None, in_view: int = IN_VIEW) -> Bins:
    """Return bins for all values that are not far away.

    Args:
        where: Where the values lie.
        resolution: The step of which values are multiples; None where there is none.
        in_view: How many bins, about, lie where nearly all values lie.

    """
    near, far = (tuple(map(Fraction, ends)) for ends in (where.near, where.far))
    smallest = max((near[1] - near[0]) / in_view, (far[1] - far[0]) / MOST)
    if resolution:
        width = resolution * nice(smallest / resolution) if smallest > resolution else resolution
        width = _round_width(width, resolution, near)
        shift = resolution / 2
    else:
        width = _round_width(nice(smallest), Fraction(1), near) if smallest else Fraction(1)
        shift = Fraction(0)
    first = floor(far[0] / width)
    number = floor((far[1] + shift) / width) - first + 1
    return Bins(first * width - shift, width, number)


def _round_width(width: Fraction, unit: Fraction, near: Sequence[Fraction]) -> Fraction:
    """Return a `width` of 1, 10, 100 ... units in place of half of it, where bins are many enough.

    Where a part of the values is rounded to that, every second bin of half of it would hold them.
    """
    twice = 2 * width / unit
    decimal = set(str(twice.numerator * twice.denominator)) <= {"0", "1"}
    return 2 * width if decimal and near[1] - near[0] >= _ENOUGH * 2 * width else width


def nice(number: Fraction) -> Fraction:
    """Return the least of 1, 2, 5, 10, 20 ... and 0.5, 0.2 ... that is no less than a `number`."""
    power = Fraction(1)
    while power > number:
        power /= 10
    while power * 10 <= number:
        power *= 10
    return next(power * n for n in (*_NICE, 10) if power * n >= number)
