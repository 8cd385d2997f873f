"""Percentiles: linear interpolation between two order statistics, exact and rounded once.

The definition is that of `numpy.percentile`: the rank is (n - 1) * percentage / 100.
"""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

from pipeline.numeric.exact import UNIT, integer, ratio

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def ranks(count: int, percentages: Sequence[float]) -> list[int]:
    """Return the ranks of the order statistics that percentiles need.

    Args:
        count: How many values there are.
        percentages: Which percentiles, from 0 to 100.

    Returns:
        Different ranks in rising order, the least value having rank 0. None without a value.

    """
    if not count:
        return []
    below = {floor(_rank(count, percentage)) for percentage in percentages}
    return sorted(below | {min(rank + 1, count - 1) for rank in below})


def percentile(order: Mapping[int, float], count: int, percentage: float) -> float | None:
    """Return a percentile, in the unit of the values; None without a value.

    Args:
        order: The order statistics by rank, at least those of `ranks(count, [percentage])`.
        count: How many values there are.
        percentage: From 0 to 100.

    """
    if not count:
        return None
    rank = _rank(count, percentage)
    below = floor(rank)
    low, high = (integer(order[i]) for i in (below, min(below + 1, count - 1)))
    part = rank - below
    whole = part.denominator
    return ratio(low * (whole - part.numerator) + high * part.numerator, whole << UNIT)


def _rank(count: int, percentage: float) -> Fraction:
    # Through text, so that 99.9 is 999/1000 and not the float64 next to it.
    return Fraction(str(percentage)) * (count - 1) / 100
