"""One pure function for each statistic: exact integers in, the statistic out, rounded once.

Each takes the sufficient statistics, and returns None where the statistic is undefined: everything
of an empty column, skewness and kurtosis of a constant one, and what lies beyond the range of
float64.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from pipeline.numeric.exact import UNIT, ratio, root
from pipeline.statistics.percentiles import percentile

if TYPE_CHECKING:
    from pipeline.statistics.sufficient import SufficientStatistics


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
