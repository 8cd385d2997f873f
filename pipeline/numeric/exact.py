"""Exact arithmetic: every float64 is an integer multiple of 2**-1074, so power sums are integers.

The sum of k-th powers is a plain Python integer in units of 2**(-1074 k). Nothing is rounded until
`ratio` or `root` turns a quotient of such integers into the nearest float64.
"""

from math import inf, isqrt

import numpy as np

from pipeline.numeric.arrays import Floats, Integers
from pipeline.numeric.intrinsics import add_powers, add_two_powers, decompose, shifted
from pipeline.numeric.jit import inlined, kernel

UNIT = 1074
"""Minus the binary exponent of the smallest positive float64."""

MANTISSA_BITS = 53
"""Bits of a float64's mantissa."""

HIGHEST_POWER = 4
"""The highest power that is ever summed."""

TOTAL_WORDS = 8
"""uint64 of a total: `add_powers` takes 512 bits."""

MAX_BITS = 96
"""Bits of a fixed-point value that `add_powers` takes."""

MAX_ADDENDS = 1 << 20
"""Values of one total, which then cannot overflow: 4 * 96 + 40 + 20 bits are fewer than 512."""

_FEW_VALUES = 64
"""Values that are summed with Python's integers when their exponents are too far apart."""


def power_sums(values: Floats, counts: Integers, highest: int = HIGHEST_POWER) -> list[int]:
    """Return the exact sums of counts * values**k for k = 1 ... `highest`, 2 or 4.

    They are in units of 2**(-1074 k). `values` (float64, finite) and `counts` (integers from 1 to
    2**40) have the shape (n,). Any order will do; sorted values are fast, since neighbours then
    have exponents near each other.
    """
    if values.size > MAX_ADDENDS:
        return _sum_of_parts(values, counts, highest, MAX_ADDENDS)
    lowest, spread = shift_range(values)
    if spread - lowest + MANTISSA_BITS < MAX_BITS:
        totals = np.zeros((highest, 2 * highest), np.uint64)
        add = _add_fixed_point_powers if highest == HIGHEST_POWER else _add_two_fixed_point_powers
        add(values, counts, lowest, totals)
        return [
            int.from_bytes(total.tobytes(), "little", signed=True) << (k * lowest)
            for k, total in enumerate(totals, 1)
        ]
    if values.size > _FEW_VALUES:
        return _sum_of_parts(values, counts, highest, values.size // 2)
    pairs = [(integer(x), n) for x, n in zip(values.tolist(), counts.tolist(), strict=True)]
    return [sum(n * x**k for x, n in pairs) for k in range(1, highest + 1)]


def _sum_of_parts(values: Floats, counts: Integers, highest: int, cut: int) -> list[int]:
    left = power_sums(values[:cut], counts[:cut], highest)
    right = power_sums(values[cut:], counts[cut:], highest)
    return [a + b for a, b in zip(left, right, strict=True)]


def integer(value: float) -> int:
    """Return a finite float64 as an exact integer, in units of 2**-1074.

    Raises OverflowError for an infinite value, ValueError for NaN.
    """
    numerator, denominator = value.as_integer_ratio()
    return (numerator << UNIT) // denominator


def ratio(numerator: int, denominator: int) -> float:
    """Return the float64 nearest to numerator / denominator, the denominator being positive.

    Zero is always 0.0, never -0.0; a quotient beyond the range of float64 is infinite.
    """
    try:
        return numerator / denominator + 0.0
    except OverflowError:
        return inf if numerator > 0 else -inf


def root(numerator: int, denominator: int) -> float:
    """Return the float64 nearest to sqrt(numerator / denominator), neither being negative.

    The integer square root of the scaled quotient has at least 64 bits. One more bit says whether
    anything follows them, so the result is rounded once, as IEEE 754 does.
    """
    shift = max(0, 130 - numerator.bit_length() + denominator.bit_length())
    shift += shift & 1
    quotient, remainder = divmod(numerator << shift, denominator)
    digits = isqrt(quotient)
    inexact = remainder != 0 or digits * digits != quotient
    return ratio(2 * digits + inexact, 2 << (shift // 2))


@kernel
def shift_range(values: Floats) -> tuple[int, int]:
    """Return the lowest and the highest shift (see `decompose`) of the values that are not zero.

    `values` are finite float64, shape (n,). Return (0, 0) when all are zero, or there are none.
    """
    lowest, highest = 1 << 12, -1
    for value in values:
        mantissa, shift = decompose(value)
        if mantissa:
            lowest = min(lowest, shift)
            highest = max(highest, shift)
    return (lowest, highest) if highest >= 0 else (0, 0)


@inlined
def to_fixed_point(value: float, lowest: int) -> tuple[int, int]:
    """Return a float64 in units of 2**(lowest - 1074): a 128-bit integer of two words.

    `lowest` is at most the value's own shift, and the result must fit into 128 bits.
    """
    mantissa, shift = decompose(value)
    return shifted(mantissa, np.uint64(shift - lowest if mantissa else 0))


@kernel
def _add_fixed_point_powers(
    values: Floats, counts: Integers, lowest: int, totals: Integers
) -> None:
    for i in range(values.size):
        add_powers(totals, to_fixed_point(values[i], lowest), np.uint64(counts[i]))


@kernel
def _add_two_fixed_point_powers(
    values: Floats, counts: Integers, lowest: int, totals: Integers
) -> None:
    for i in range(values.size):
        add_two_powers(totals, to_fixed_point(values[i], lowest), np.uint64(counts[i]))
