"""The median absolute deviation of all groups at once: the numbers of `deviation`, to the last bit.

It is for the groups whose integers fit: see `grouped_formulas.fitting`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.numeric.exact import UNIT, to_fixed_point
from pipeline.numeric.jit import inlined, kernel
from pipeline.numeric.wide import wide, wide_pair
from pipeline.numeric.wide_quotients import wide_ratio

if TYPE_CHECKING:
    from pipeline.numeric.arrays import Floats, Integers


@kernel
def find_deviations(
    groups: Integers,
    counts: Integers,
    shifts: Integers,
    bounds: Integers,
    values: Floats,
    numbers: Integers,
    found: Floats,
) -> None:
    """Fill `found`, at the indices `groups`, with the median absolute deviation.

    `counts` and `shifts` are as in `grouped_formulas.find_moments`; `bounds`, `values` and
    `numbers`, how often each value occurs, are those of `entries.Entries`. The walk begins at the
    median and takes the nearer of the next values on both sides.
    """
    for group in groups:
        start, stop = np.int64(bounds[group]), np.int64(bounds[group + 1])
        lower, upper = (counts[group] - 1) // 2, counts[group] // 2
        right, below = start, np.int64(0)
        while below + numbers[right] <= upper:
            below += numbers[right]
            right += 1
        left, high = right - 1, values[right]
        low = values[left] if below > lower else high
        lowest = shifts[group]
        twice = wide_pair(to_fixed_point(low, lowest)) + wide_pair(to_fixed_point(high, lowest))
        far = twice - twice
        taken, medians = np.int64(0), 0
        while medians < 2:  # noqa: PLR2004
            if right == stop or (
                left >= start and _reaches(values[left], values[right], low, high)
            ):
                taken += numbers[left]
                value, sign = values[left], -1
                left -= 1
            else:
                taken += numbers[right]
                value, sign = values[right], 1
                right += 1
            reached = (taken > lower) + (taken > upper)
            if reached > medians:
                distance = (wide_pair(to_fixed_point(value, lowest)) * 2 - twice) * sign
                far = far + distance * (reached - medians)
                medians = reached
        found[group] = wide_ratio(far, wide(4), lowest - UNIT)


@inlined
def _reaches(a: float, b: float, c: float, d: float) -> bool:
    """Return whether a + b >= c + d, exactly; the sums are far from the limits of float64."""
    one, other = a + b, c + d
    if one != other:
        return one > other
    reaches: bool = _lost(a, b, one) >= _lost(c, d, other)
    return reaches


@inlined
def _lost(a: float, b: float, total: float) -> float:
    """Return what rounding took from a sum (Knuth's two-sum)."""
    part = total - a
    return (a - (total - part)) + (b - part)
