"""Percentiles: linear interpolation between two order statistics, exact and rounded once.

The definition is that of `numpy.percentile`: the rank is (n - 1) * percentage / 100.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from pipeline.numeric.exact import UNIT, integer, ratio

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.numeric.arrays import Integers

QUARTILES = (25, 50, 75)
"""The percentages of quartiles and median, which are always found."""

_LARGEST = np.iinfo(np.int64).max


def ranks(count: int, percentages: Sequence[float]) -> list[int]:
    """Return the ranks of the order statistics that percentiles, and QUARTILES, need.

    Args:
        count: How many values there are.
        percentages: Which percentiles, from 0 to 100.

    Returns:
        Different ranks in rising order, the least value having rank 0. None without a value.

    """
    if not count:
        return []
    below = {_rank(count, percentage)[0] for percentage in (*percentages, *QUARTILES)}
    return sorted(below | {min(rank + 1, count - 1) for rank in below})


def middle(order: Mapping[int, float], count: int) -> tuple[float, float]:
    """Return the two order statistics whose mean is the median; zeros without a value.

    `order` has the order statistics by rank, at least those of `ranks(count, [])`.
    """
    return (order[(count - 1) // 2], order[count // 2]) if count else (0.0, 0.0)


def ranks_of_all(counts: Integers, percentages: Sequence[float]) -> Integers:
    """Return the ranks that percentiles, and QUARTILES, of many groups need, rising in each group.

    Args:
        counts: How many values each group has, shape (n,).
        percentages: Which percentiles, from 0 to 100.

    Returns:
        int64 of shape (n, ranks): the least value of a group has rank 0. All are 0 where a group
        has no value.

    """
    last = np.maximum(counts - 1, 0)
    wanted = (*percentages, *QUARTILES)
    below = np.zeros((len(wanted), counts.size), np.int64)
    for row, percentage in zip(below, wanted, strict=True):
        share = _share(percentage)
        if fit([percentage], int(last.max(initial=0))):
            row[:] = share.numerator * last // share.denominator
        else:
            row[:] = [_rank(count, percentage)[0] for count in (last + 1).tolist()]
    every = np.concatenate((below, np.minimum(below + 1, last)))
    return np.ascontiguousarray(np.sort(every, axis=0).T)


def fit(percentages: Sequence[float], last: int) -> bool:
    """Return whether the ranks of percentiles, up to the rank `last`, are products of int64.

    So they are but for `percentages` of many digits.
    """
    shares = [_share(percentage) for percentage in percentages]
    return all(max(s.numerator, 1) * last <= _LARGEST >= s.denominator for s in shares)


def shares(percentages: Sequence[float]) -> tuple[Integers, Integers]:
    """Return the `percentages`, which `fit`, as quotients: numerators and denominators, int64."""
    found = [_share(percentage) for percentage in percentages]
    parts, wholes = ([s.numerator for s in found], [s.denominator for s in found])
    return np.array(parts, np.int64), np.array(wholes, np.int64)


def percentile(order: Mapping[int, float], count: int, percentage: float) -> float | None:
    """Return a percentile, in the unit of the values; None without a value.

    Args:
        order: The order statistics by rank, at least those of `ranks(count, [percentage])`.
        count: How many values there are.
        percentage: From 0 to 100.

    """
    if not count:
        return None
    numerator, denominator = exact_percentile(order, count, percentage)
    return ratio(numerator, denominator << UNIT)


def exact_percentile(order: Mapping[int, float], count: int, percentage: float) -> tuple[int, int]:
    """Return a percentile as numerator and denominator, in units of 2**-1074.

    `order`, `count`, which is not 0, and `percentage` are as in `percentile`.
    """
    below, part, whole = _rank(count, percentage)
    low, high = (integer(order[i]) for i in (below, min(below + 1, count - 1)))
    return low * (whole - part) + high * part, whole


def _rank(count: int, percentage: float) -> tuple[int, int, int]:
    """Return the rank of a percentile, rounded down, and what is left: numerator, denominator."""
    share = _share(percentage)
    below, part = divmod(share.numerator * (count - 1), share.denominator)
    return below, part, share.denominator


@cache
def _share(percentage: float) -> Fraction:
    # Through text, so that 99.9 is 999/1000 and not the float64 next to it.
    return Fraction(str(percentage)) / 100
