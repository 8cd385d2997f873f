"""One pure function for each statistic: exact integers in, the statistic out, rounded once.

Each takes the sufficient statistics, and returns None where the statistic is undefined: everything
of an empty column, skewness and kurtosis of a constant one, and what lies beyond the range of
float64.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from pipeline.numeric.exact import UNIT, ratio, root
from pipeline.statistics.percentiles import QUARTILES, exact_percentile, percentile

if TYPE_CHECKING:
    from pipeline.statistics.sufficient import SufficientStatistics

_HALF = 50


def count(found: SufficientStatistics) -> int:
    """Return how many valid values were `found`."""
    return found.count


def missing(found: SufficientStatistics) -> int:
    """Return how many missing cells were `found`."""
    return found.rows.missing


def invalid(found: SufficientStatistics) -> int:
    """Return how many invalid cells were `found` and skipped."""
    return found.rows.invalid


def out_of_range(found: SufficientStatistics) -> int:
    """Return how many numbers `found` lie outside the range asked for."""
    return found.rows.out_of_range


def filtered(found: SufficientStatistics) -> int:
    """Return how many rows `found` do not meet the conditions."""
    return found.rows.filtered


def mean(found: SufficientStatistics) -> float | None:
    """Return the mean of the values `found`."""
    return _quotient(found.aggregates.powers.first, found.count, -UNIT)


def greatest(found: SufficientStatistics) -> float | None:
    """Return the greatest of the values `found`."""
    return found.aggregates.max if found.count else None


def least(found: SufficientStatistics) -> float | None:
    """Return the least of the values `found`."""
    return found.aggregates.min if found.count else None


def mode(found: SufficientStatistics) -> float | None:
    """Return the most frequent of the values `found`."""
    return found.aggregates.mode.value if found.count else None


def variance(found: SufficientStatistics) -> float | None:
    """Return the population variance of the values `found`."""
    return _quotient(found.central.second, found.count**2, 2 * found.central.unit)


def std(found: SufficientStatistics) -> float | None:
    """Return the population standard deviation of the values `found`."""
    return _root(found.central.second, found.count**2, 2 * found.central.unit)


def kurtosis(found: SufficientStatistics) -> float | None:
    """Return the biased excess kurtosis of the values `found`."""
    square = found.central.second**2
    return _quotient(found.central.fourth - 3 * square, square)


def skewness(found: SufficientStatistics) -> float | None:
    """Return the biased skewness of the values `found`."""
    third = found.central.third
    size = _root(third**2, found.central.second**3)
    return -size if size and third < 0 else size


def total(found: SufficientStatistics) -> float | None:
    """Return the sum of the values `found`."""
    return _quotient(found.aggregates.powers.first, int(found.count > 0), -UNIT)


def distinct(found: SufficientStatistics) -> int:
    """Return how many different values were `found`."""
    return found.aggregates.distinct


def median(found: SufficientStatistics) -> float | None:
    """Return the median of the values `found`."""
    return percentile(found.order, found.count, _HALF)


def interquartile_range(found: SufficientStatistics) -> float | None:
    """Return the distance of the quartiles of the values `found`."""
    if not found.count:
        return None
    (low, unit), (high, other) = (
        exact_percentile(found.order, found.count, q) for q in (QUARTILES[0], QUARTILES[-1])
    )
    return _quotient(high * unit - low * other, unit * other, -UNIT)


def median_absolute_deviation(found: SufficientStatistics) -> float | None:
    """Return the median of the distances of the values `found` from their median."""
    return _quotient(*found.deviation, -UNIT)


def mode_count(found: SufficientStatistics) -> int:
    """Return how often the most frequent of the values `found` occurs."""
    return found.aggregates.mode.count


def mode_ties(found: SufficientStatistics) -> int:
    """Return how many of the values `found` occur as often as the most frequent."""
    return found.aggregates.ties


def zeros(found: SufficientStatistics) -> int:
    """Return how many of the values `found` are 0."""
    return found.aggregates.zeros


def negatives(found: SufficientStatistics) -> int:
    """Return how many of the values `found` lie below 0."""
    return found.aggregates.negatives


def sample_variance(found: SufficientStatistics) -> float | None:
    """Return the variance of the population of which the values `found` are a sample."""
    n = found.count
    return _quotient(found.central.second, n * (n - 1), 2 * found.central.unit)


def sample_std(found: SufficientStatistics) -> float | None:
    """Return the square root of `sample_variance` of the values `found`."""
    n = found.count
    return _root(found.central.second, n * (n - 1), 2 * found.central.unit)


def sample_skewness(found: SufficientStatistics) -> float | None:
    """Return the skewness of the values `found`, corrected for its bias; of three or more."""
    n, third = found.count, found.central.third
    if n < 3:  # noqa: PLR2004
        return None
    size = _root(third**2 * n * (n - 1), found.central.second**3 * (n - 2) ** 2)
    return -size if size and third < 0 else size


def sample_kurtosis(found: SufficientStatistics) -> float | None:
    """Return the excess kurtosis of the values `found`, corrected for its bias; of four or more."""
    n, square = found.count, found.central.second**2
    if n < 4:  # noqa: PLR2004
        return None
    excess = found.central.fourth - 3 * square
    return _quotient((n - 1) * ((n + 1) * excess + 6 * square), (n - 2) * (n - 3) * square)


def moving_variance_sum(found: SufficientStatistics) -> float | None:
    """Return the sum of the variances of all windows `found`, but for the last one."""
    second_power = found.aggregates.powers.second
    return _finite(found.rows.moving.variance_sum(found.count, second_power))


def moving_windows(found: SufficientStatistics) -> int:
    """Return how many windows `found` are part of that sum."""
    return max(0, found.count - found.rows.moving.window)


def percentiles(found: SufficientStatistics) -> dict[float, float | None]:
    """Return each percentile asked for of the values `found`."""
    return {q: percentile(found.order, found.count, q) for q in found.percentiles}


def _quotient(numerator: int, denominator: int, exponent: int = 0) -> float | None:
    """Return numerator / denominator * 2**exponent."""
    return _finite(ratio(*_scaled(numerator, denominator, exponent))) if denominator else None


def _root(numerator: int, denominator: int, exponent: int = 0) -> float | None:
    """Return the square root of what `_quotient` returns."""
    return _finite(root(*_scaled(numerator, denominator, exponent))) if denominator else None


def _scaled(numerator: int, denominator: int, exponent: int) -> tuple[int, int]:
    if exponent < 0:
        return numerator, denominator << -exponent
    return numerator << exponent, denominator


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None
