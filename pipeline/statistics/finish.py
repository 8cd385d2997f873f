"""From a Summary to a Result: exact integers in, each statistic rounded once.

With P_k the k-th power sum of n values, n M_2 = n P_2 - P_1**2 and its like for the third and the
fourth central moment are integers, so the textbook formulas lose nothing here.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor, isfinite
from typing import TYPE_CHECKING

from pipeline.numeric.exact import UNIT, integer, ratio, root
from pipeline.statistics.aggregates import Aggregates
from pipeline.statistics.result import Result, Source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.statistics.summary import Summary


@dataclass(frozen=True, eq=False)
class SufficientStatistics:
    """What a Result follows from: rows (but for their values), and of the values a digest.

    `order` has the order statistics of all `ranks`.
    """

    rows: Summary
    digest: Aggregates
    order: Mapping[int, float]

    @classmethod
    def of(cls, summary: Summary, percentiles: Sequence[float]) -> SufficientStatistics:
        """Return what there is to find in a summary."""
        wanted = ranks(summary.count, percentiles)
        order = dict(zip(wanted, summary.values.select(wanted), strict=True))
        return cls(summary, Aggregates.of(summary.values), order)


def finish(summary: Summary, percentiles: Sequence[float], source: Source) -> Result:
    """Return the statistics of a summary; `percentiles` are percentages from 0 to 100."""
    return conclude(SufficientStatistics.of(summary, percentiles), percentiles, source)


def conclude(
    findings: SufficientStatistics, percentiles: Sequence[float], source: Source
) -> Result:
    """Return the statistics that follow from findings.

    What is undefined is None: everything of an empty column, skewness and kurtosis of a constant
    one, and what lies beyond the range of float64.
    """
    rows, digest, order = findings.rows, findings.digest, findings.order
    count = digest.count
    moments = _moments(count, digest.powers) if count else _NO_MOMENTS
    return Result(
        count=count,
        missing=rows.missing,
        invalid=rows.invalid,
        mean=moments[0],
        max=digest.max if count else None,
        min=digest.min if count else None,
        mode=digest.mode.value if count else None,
        variance=moments[1],
        std=moments[2],
        kurtosis=moments[4],
        skewness=moments[3],
        moving_variance_sum=_defined(rows.moving.variance_sum(count, digest.powers[1])),
        moving_windows=max(0, count - rows.moving.window),
        percentiles={q: _percentile(order, count, q) if count else None for q in percentiles},
        source=source,
    )


def ranks(count: int, percentiles: Sequence[float]) -> list[int]:
    """Return the ranks, rising from 0, of the values between which percentiles interpolate."""
    if not count:
        return []
    below = {floor(_rank(count, q)) for q in percentiles}
    return sorted(below | {min(rank + 1, count - 1) for rank in below})


_Moments = tuple[float | None, float | None, float | None, float | None, float | None]
_NO_MOMENTS: _Moments = (None, None, None, None, None)


def _moments(n: int, powers: Sequence[int]) -> _Moments:
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


def _rank(count: int, percentage: float) -> Fraction:
    return Fraction(str(percentage)) * (count - 1) / 100


def _percentile(order: Mapping[int, float], count: int, percentage: float) -> float:
    """Return a percentile of count > 0 values, interpolated linearly between ranks.

    The rank (n - 1) * percentage / 100 and the interpolation are exact; the value is rounded once.
    """
    rank = _rank(count, percentage)
    below = floor(rank)
    low, high = (integer(order[i]) for i in (below, min(below + 1, count - 1)))
    part = rank - below
    whole = part.denominator
    return ratio(low * (whole - part.numerator) + high * part.numerator, whole << UNIT)


def _defined(value: float) -> float | None:
    return value if isfinite(value) else None
