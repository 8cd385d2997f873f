"""From a Summary to a Result: exact integers in, each statistic rounded once.

With P_k the k-th power sum of n values, n M_2 = n P_2 - P_1**2 and its like for the third and the
fourth central moment are integers, so the textbook formulas lose nothing here.
"""

from __future__ import annotations

from fractions import Fraction
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from pipeline.exact import UNIT, integer, power_sums, ratio, root
from pipeline.result import Result, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.multiset import Multiset
    from pipeline.summary import Summary


def finish(summary: Summary, percentiles: Sequence[float], source: Source) -> Result:
    """Return the statistics of a summary; `percentiles` are percentages from 0 to 100.

    What is undefined is None: everything of an empty column, skewness and kurtosis of a constant
    one, and what lies beyond the range of float64.
    """
    values, count = summary.values, summary.count
    powers = power_sums(values.values, values.counts)
    moments = _moments(count, powers) if count else _NO_MOMENTS
    return Result(
        count=count,
        missing=summary.missing,
        invalid=summary.invalid,
        mean=moments[0],
        max=float(values.values[-1]) if count else None,
        min=float(values.values[0]) if count else None,
        mode=values.mode() if count else None,
        variance=moments[1],
        std=moments[2],
        kurtosis=moments[4],
        skewness=moments[3],
        moving_variance_sum=_defined(summary.moving.variance_sum(count, powers[1])),
        moving_windows=max(0, count - summary.moving.window),
        percentiles={q: percentile(values, q) if count else None for q in percentiles},
        source=source,
    )


_Moments = tuple[float | None, float | None, float | None, float | None, float | None]
_NO_MOMENTS: _Moments = (None, None, None, None, None)


def _moments(n: int, powers: list[int]) -> _Moments:
    """Return mean, variance, standard deviation, skewness and kurtosis of n > 0 values."""
    p1, p2, p3, p4 = powers
    second = n * p2 - p1**2
    third = n**2 * p3 - 3 * n * p1 * p2 + 2 * p1**3
    fourth = n**3 * p4 - 4 * n**2 * p1 * p3 + 6 * n * p1**2 * p2 - 3 * p1**4
    mean = ratio(p1, n << UNIT)
    variance = ratio(second, n**2 << (2 * UNIT))
    std = root(second, n**2 << (2 * UNIT))
    if not second:
        return _defined(mean), variance, std, None, None
    skewness = root(third**2, second**3) * (1 if third > 0 else -1)
    kurtosis = ratio(fourth - 3 * second**2, second**2)
    return _defined(mean), _defined(variance), _defined(std), skewness + 0.0, kurtosis


def percentile(values: Multiset, percentage: float) -> float:
    """Return a percentile of a multiset that is not empty, interpolated linearly between ranks.

    The rank (n - 1) * percentage / 100 and the interpolation are exact; the value is rounded once.
    """
    ends = np.cumsum(values.counts)
    rank = Fraction(str(percentage)) * (int(ends[-1]) - 1) / 100
    below = rank.numerator // rank.denominator
    above = min(below + 1, int(ends[-1]) - 1)
    low, high = (
        integer(float(values.values[np.searchsorted(ends, i, side="right")]))
        for i in (below, above)
    )
    part = rank - below
    whole = part.denominator
    return ratio(low * (whole - part.numerator) + high * part.numerator, whole << UNIT)


def _defined(value: float) -> float | None:
    return value if isfinite(value) else None
