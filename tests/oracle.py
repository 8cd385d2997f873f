"""The oracle: every statistic in exact rational arithmetic, rounded once at the end.

It follows the definitions word by word and shares no code with the pipeline. Statistics that are
not defined, or that lie beyond the range of float64, are None.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from math import isqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PERCENTILES = (10, 25, 50, 75, 90)


def expected(
    values: Sequence[float], *, window: int = 500, percentiles: Sequence[float] = PERCENTILES
) -> dict[str, object]:
    """Return the statistics of *values*, in file order, under the names of ``results.json``."""
    exact = [Fraction(value) for value in values]
    windows = max(0, len(exact) - window)
    return {
        "count": len(exact),
        **_of_the_distribution(exact, percentiles),
        "mode": _mode(values),
        **_tallies(exact),
        "moving_variance_sum": nearest(sum(window_variances(exact, window), Fraction(0))),
        "moving_windows": windows,
    }


def _of_the_distribution(values: list[Fraction], percentiles: Sequence[float]) -> dict[str, object]:
    if not values:
        names = ("mean", "max", "min", "variance", "std", "kurtosis", "skewness")
        more = ("sum", "median", "iqr", "mad", *(f"sample_{name}" for name in names[3:]))
        return dict.fromkeys((*names, *more)) | {"percentiles": dict.fromkeys(percentiles)}
    mean = sum(values) / Fraction(len(values))
    second, third, fourth = (_central_moment(values, mean, k) for k in (2, 3, 4))
    ordered = sorted(values)
    return {
        "mean": nearest(mean),
        "max": nearest(ordered[-1]),
        "min": nearest(ordered[0]),
        "variance": nearest(second),
        "std": nearest_root(second),
        "kurtosis": nearest(fourth / second**2 - 3) if second else None,
        "skewness": _signed_root(third, second) if second else None,
        "percentiles": {q: nearest(_percentile(ordered, q)) for q in percentiles},
        "sum": nearest(sum(values, Fraction(0))),
        "median": nearest(_percentile(ordered, 50)),
        "iqr": nearest(_percentile(ordered, 75) - _percentile(ordered, 25)),
        "mad": nearest(_deviation(ordered)),
        **_of_the_sample(len(values), second, third, fourth),
    }


def _of_the_sample(
    n: int, second: Fraction, third: Fraction, fourth: Fraction
) -> dict[str, object]:
    """Return what is divided by n - 1, and the corrections of Joanes and Gill, 1998."""
    variance = second * n / (n - 1) if n > 1 else None
    found: dict[str, object] = dict.fromkeys(("sample_skewness", "sample_kurtosis"))
    if n > 2 and second:
        size = nearest_root(third**2 / second**3 * Fraction(n * (n - 1), (n - 2) ** 2))
        found["sample_skewness"] = -size if size and third < 0 else size
    if n > 3 and second:
        excess = (n + 1) * (fourth / second**2 - 3) + 6
        found["sample_kurtosis"] = nearest(Fraction(n - 1, (n - 2) * (n - 3)) * excess)
    return found | {
        "sample_variance": None if variance is None else nearest(variance),
        "sample_std": None if variance is None else nearest_root(variance),
    }


def _tallies(values: list[Fraction]) -> dict[str, object]:
    counts = Counter(values)
    most = max(counts.values(), default=0)
    return {
        "distinct": len(counts),
        "mode_count": most,
        "mode_ties": sum(count == most for count in counts.values()),
        "zeros": sum(value == 0 for value in values),
        "negatives": sum(value < 0 for value in values),
    }


def _central_moment(values: list[Fraction], mean: Fraction, k: int) -> Fraction:
    return sum(n * (value - mean) ** k for value, n in Counter(values).items()) / Fraction(
        len(values)
    )


def _signed_root(third: Fraction, second: Fraction) -> float | None:
    size = nearest_root(third**2 / second**3)
    return -size if size and third < 0 else size


def _percentile(ordered: list[Fraction], q: float) -> Fraction:
    rank = (len(ordered) - 1) * Fraction(str(q)) / 100
    below = int(rank)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (rank - below) * (ordered[above] - ordered[below])


def _deviation(ordered: list[Fraction]) -> Fraction:
    median = _percentile(ordered, 50)
    return _percentile(sorted(abs(value - median) for value in ordered), 50)


def _mode(values: Sequence[float]) -> float | None:
    """Of the most frequent values the first: a Counter keeps the order of first appearance."""
    counts = Counter(value + 0.0 for value in values)
    return max(counts, key=counts.__getitem__) if counts else None


def window_variances(values: Sequence[float] | Sequence[Fraction], window: int) -> list[Fraction]:
    """Return the population variance of ``values[i - window : i]`` for i = window ... n - 1."""
    exact = [Fraction(value) for value in values]
    unit = max((value.denominator for value in exact), default=1)
    whole = [int(value * unit) for value in exact]
    variances = []
    for end in range(window, len(whole)):
        inside = whole[end - window : end]
        spread = window * sum(x * x for x in inside) - sum(inside) ** 2
        variances.append(Fraction(spread, (window * unit) ** 2))
    return variances


def nearest(value: Fraction) -> float | None:
    """Round once; a quotient of two integers is the nearest float64 in Python."""
    try:
        return value.numerator / value.denominator + 0.0
    except OverflowError:
        return None


def nearest_root(value: Fraction) -> float | None:
    """Round the square root once: between neighbouring float64, the exact square decides."""
    if not value:
        return 0.0
    places = max(0, 200 - value.numerator.bit_length() + value.denominator.bit_length())
    digits = isqrt((value.numerator << 2 * places) // value.denominator)
    # 100 correct bits, and one that says whether more follow: nothing is mistaken for a tie.
    exact = Fraction(digits, 1 << places) ** 2 == value
    return nearest(Fraction(2 * digits + (not exact), 2 << places))
