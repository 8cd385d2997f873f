"""The formulas of `statistics.formulas` over all groups at once, in integers of 1,024 bits.

They return the same numbers to the last bit. Groups whose integers would not fit are left to those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.numeric.exact import UNIT, to_fixed_point
from pipeline.numeric.intrinsics import add_pair, add_quads, add_square
from pipeline.numeric.jit import inlined, kernel
from pipeline.numeric.mantissas import POWERS, TOTAL_WORDS
from pipeline.numeric.wide import load_wide, wide, wide_pair, wide_quad
from pipeline.numeric.wide_quotients import wide_ratio, wide_root
from pipeline.statistics.moving import fixed_point

if TYPE_CHECKING:
    from pipeline.numeric.arrays import Floats, Integers, Words

MOMENTS = (
    "sum",
    "mean",
    "variance",
    "std",
    "skewness",
    "kurtosis",
    "sample_variance",
    "sample_std",
    "sample_skewness",
    "sample_kurtosis",
)
"""What `find_moments` fills, in this order."""

_SUM, _MEAN, _VARIANCE, _STD, _SKEWNESS, _KURTOSIS = range(6)
_SAMPLE_VARIANCE, _SAMPLE_STD, _SAMPLE_SKEWNESS, _SAMPLE_KURTOSIS = range(6, 10)

LONGEST_WINDOW = 1 << 15
"""Values of a window whose sums are small enough for `moving.fixed_point`, whatever they are."""

_SHIFTS = 300
"""Values are multiples of two to the power of this or minus this: every quotient is then normal."""


def fitting(shifts: Integers) -> Integers:
    """Return the indices of the groups that the formulas are for; `shifts` are those of `Found`."""
    return np.flatnonzero((shifts >= UNIT - _SHIFTS) & (shifts <= UNIT + _SHIFTS))


@kernel
def find_moments(
    groups: Integers, counts: Integers, shifts: Integers, totals: Words, found: Floats
) -> None:
    """Fill the rows `groups` of `found`, a column for each of MOMENTS, from the sums of powers.

    `counts` are the numbers of values in each group; `shifts` and `totals`, flat, are those of
    `grouped_finish.Found`. NaN stands where a statistic is undefined.
    """
    for group in groups:
        n, unit = counts[group], shifts[group] - UNIT
        place = group * POWERS * TOTAL_WORDS
        p1 = load_wide(totals, place)
        p2 = load_wide(totals, place + TOTAL_WORDS)
        p3 = load_wide(totals, place + 2 * TOTAL_WORDS)
        p4 = load_wide(totals, place + 3 * TOTAL_WORDS)
        square = p1 * p1
        second = p2 * n - square
        third = (p3 * n - p1 * p2 * 3) * n + square * p1 * 2
        fourth = ((p4 * n - p1 * p3 * 4) * n + square * p2 * 6) * n - square * square * 3
        row = found[group]
        row[:] = np.nan
        row[_SUM] = wide_ratio(p1, wide(1), unit)
        row[_MEAN] = wide_ratio(p1, wide(n), unit)
        row[_VARIANCE] = wide_ratio(second, wide(n) * n, 2 * unit)
        row[_STD] = wide_root(second, wide(n) * n, 2 * unit)
        if n > 1:
            row[_SAMPLE_VARIANCE] = wide_ratio(second, wide(n) * (n - 1), 2 * unit)
            row[_SAMPLE_STD] = wide_root(second, wide(n) * (n - 1), 2 * unit)
        if second == 0:
            continue
        sign = -1.0 if third < 0 else 1.0
        squared, cubed = second * second, second * second * second
        excess = fourth - squared * 3
        size = wide_root(third * third, cubed, 0)
        row[_SKEWNESS] = sign * size if size else 0.0
        row[_KURTOSIS] = wide_ratio(excess, squared, 0)
        if n > 2:  # noqa: PLR2004
            size = wide_root(third * third * n * (n - 1), cubed * (n - 2) * (n - 2), 0)
            row[_SAMPLE_SKEWNESS] = sign * size if size else 0.0
        if n > 3:  # noqa: PLR2004
            above = (excess * (n + 1) + squared * 6) * (n - 1)
            row[_SAMPLE_KURTOSIS] = wide_ratio(above, squared * (n - 2) * (n - 3), 0)


class Shares(NamedTuple):
    """The percentages of percentiles as quotients of integers.

    Fields:
        parts: The numerators, int64 of shape (percentages,).
        wholes: The denominators.

    """

    parts: Integers
    wholes: Integers


@inlined
def _interpolate(
    last: int, lowest: int, ranks: Integers, selected: Floats, part: int, whole: int
) -> int:
    """Return `whole` times the percentile `part` / `whole` of a group, in units of its shift."""
    product = part * last
    below, over = product // whole, product % whole
    i, j = np.searchsorted(ranks, below), np.searchsorted(ranks, min(below + 1, last))
    low = wide_pair(to_fixed_point(selected[i], lowest))
    high = wide_pair(to_fixed_point(selected[j], lowest))
    times: int = low * (whole - over) + high * over
    return times


@kernel
def find_percentiles(
    groups: Integers,
    counts: Integers,
    shifts: Integers,
    ranks: Integers,
    selected: Floats,
    shares: Shares,
    found: Floats,
) -> None:
    """Fill the rows `groups` of `found`, a column for each of `shares`: see `percentiles`.

    `ranks`, which rise in each group, and the values `selected` have a row for each group; `counts`
    and `shifts` are as in `find_moments`.
    """
    for group in groups:
        last, lowest = counts[group] - 1, shifts[group]
        for q in range(shares.parts.size):
            part, whole = shares.parts[q], shares.wholes[q]
            times = _interpolate(last, lowest, ranks[group], selected[group], part, whole)
            found[group, q] = wide_ratio(times, wide(whole), lowest - UNIT)


@kernel
def find_ranges(
    groups: Integers,
    counts: Integers,
    shifts: Integers,
    ranks: Integers,
    selected: Floats,
    shares: Shares,
    found: Floats,
) -> None:
    """Fill `found`, at the indices `groups`, with the distance of two percentiles, `shares`.

    The rest is as in `find_percentiles`.
    """
    a, b = shares.parts[0], shares.parts[1]
    one, other = shares.wholes[0], shares.wholes[1]
    for group in groups:
        last, lowest = counts[group] - 1, shifts[group]
        low = _interpolate(last, lowest, ranks[group], selected[group], a, one)
        high = _interpolate(last, lowest, ranks[group], selected[group], b, other)
        difference = high * one - low * other
        found[group] = wide_ratio(difference, wide(one) * other, lowest - UNIT)


@kernel
def find_moving(
    groups: Integers,
    counts: Integers,
    shifts: Integers,
    totals: Words,
    squares: Words,
    ends: Floats,
    end_bounds: Integers,
    window: int,
    found: Floats,
) -> None:
    """Fill `found`, at the indices `groups`, with the sum of the variances of all windows.

    `squares` has a 512-bit integer for each long group, in units of 2**(2 * (shift - 1074)); `ends`
    and their bounds are those of `grouped_column.GroupedColumn`, the rest is as in `find_moments`.
    See `moving.Moving.variance_sum`. A `window` has at most LONGEST_WINDOW values.
    """
    none = np.uint64(0)
    terms = np.empty((2 * window, 2), np.uint64)
    for group in groups:
        found[group] = 0.0
        if counts[group] <= window:
            continue
        lowest, start, stop = shifts[group], end_bounds[group], end_bounds[group + 1]
        so_far = missed = (none, none, none, none)
        for i in range(start, start + window - 1):
            so_far = add_square(so_far, to_fixed_point(ends[i], lowest))
            missed = add_quads(missed, so_far)
        so_far = (none, none, none, none)
        last = (none, none)
        for i in range(stop - 1, stop - window - 1, -1):
            value = to_fixed_point(ends[i], lowest)
            last = add_pair(last, value)
            so_far = add_square(so_far, value)
            missed = add_quads(missed, so_far)
        second = load_wide(totals, (group * POWERS + 1) * TOTAL_WORDS)
        if counts[group] > 2 * window:
            sums = load_wide(squares, group * TOTAL_WORDS)
        else:
            sums = wide_quad(fixed_point(ends[start:stop], window, lowest, terms))
        sums = sums - wide_pair(last) * wide_pair(last)
        above = (second * window - wide_quad(missed)) * window - sums
        found[group] = wide_ratio(above, wide(window) * window, 2 * (lowest - UNIT))
