"""Exact arithmetic: every float64 is an integer multiple of 2**-1074.

Sums and products are integers. Nothing is rounded until `ratio` or `root` turns a quotient of such
integers into the nearest float64.
"""

from math import inf, isqrt

import numpy as np

from pipeline.numeric.arrays import Floats
from pipeline.numeric.intrinsics import decompose, float_bits, shifted
from pipeline.numeric.jit import inlined, kernel
from pipeline.numeric.mantissas import field_in, shift_of

UNIT = 1074
"""Minus the binary exponent of the smallest positive float64."""

MANTISSA_BITS = 53
"""Bits of a float64's mantissa."""


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
    # Without the sign, bits rise with values; and one less than those of zero is the greatest word.
    lowest, highest = ~np.uint64(0), np.uint64(0)
    for value in values:
        bits = float_bits(abs(value))
        lowest = min(lowest, bits - np.uint64(1))
        highest = max(highest, bits)
    if not highest:
        return 0, 0
    return shift_of(field_in(lowest + np.uint64(1))), shift_of(field_in(highest))


@inlined
def to_fixed_point(value: float, lowest: int) -> tuple[int, int]:
    """Return a float64 in units of 2**(lowest - 1074): a 128-bit integer of two words.

    `lowest` is at most the value's own shift, and the result must fit into 128 bits.
    """
    mantissa, shift = decompose(value)
    return shifted(mantissa, np.uint64(shift - lowest if mantissa else 0))
