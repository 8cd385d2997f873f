"""Exact arithmetic: float64 are integer multiples of 2**-1074, so sums of powers are integers.

A `k`-th power sum is kept as a plain Python integer in units of 2**(-1074 k). Nothing is rounded
until `ratio` or `root` turns a quotient of such integers into the nearest float64.
"""

from math import inf, isqrt

import numpy as np

from pipeline.numeric.arrays import Floats, Integers
from pipeline.numeric.intrinsics import add_powers, decompose, shifted
from pipeline.numeric.jit import inlined, kernel

UNIT = 1074
"""Minus the binary exponent of the smallest positive float64."""

MANTISSA_BITS = 53
_POWERS = 4
_WORDS = 8
_ROOT_BITS = 96
_SUM_CHUNK = 1 << 20
_FEW = 64


def power_sums(values: Floats, counts: Integers) -> list[int]:
    """Return the exact sums of counts * values**k for k = 1, 2, 3, 4, in units of 2**(-1074 k).

    `values` (finite) and `counts` (positive, below 2**40) have the same shape, (n,). Values near
    each other in size are near each other in the array, if it is sorted: that makes it fast.
    """
    if values.size > _SUM_CHUNK:
        return _both(values, counts, _SUM_CHUNK)
    lowest, highest = scale(values)
    if highest - lowest + MANTISSA_BITS < _ROOT_BITS:
        totals = np.zeros((_POWERS, _WORDS), np.uint64)
        _fixed_powers(values, counts, lowest, totals)
        return [
            int.from_bytes(total.tobytes(), "little", signed=True) << (k * lowest)
            for k, total in enumerate(totals, 1)
        ]
    if values.size > _FEW:
        return _both(values, counts, values.size // 2)
    pairs = [(integer(x), n) for x, n in zip(values.tolist(), counts.tolist(), strict=True)]
    return [sum(n * x**k for x, n in pairs) for k in range(1, _POWERS + 1)]


def _both(values: Floats, counts: Integers, cut: int) -> list[int]:
    left = power_sums(values[:cut], counts[:cut])
    right = power_sums(values[cut:], counts[cut:])
    return [a + b for a, b in zip(left, right, strict=True)]


def integer(value: float) -> int:
    """Return a finite float64 as an integer, in units of 2**-1074."""
    numerator, denominator = value.as_integer_ratio()
    return (numerator << UNIT) // denominator


def ratio(numerator: int, denominator: int) -> float:
    """Return the float64 nearest to numerator / denominator (> 0); infinite beyond its range."""
    try:
        return numerator / denominator + 0.0
    except OverflowError:
        return inf if numerator > 0 else -inf


def root(numerator: int, denominator: int) -> float:
    """Return the float64 nearest to sqrt(numerator / denominator), both non-negative.

    The integer square root of the scaled quotient has at least 64 bits, and one more that tells
    whether anything follows them: enough to round once, as IEEE 754 does.
    """
    shift = max(0, 130 - numerator.bit_length() + denominator.bit_length())
    shift += shift & 1
    quotient, remainder = divmod(numerator << shift, denominator)
    digits = isqrt(quotient)
    inexact = remainder != 0 or digits * digits != quotient
    return ratio(2 * digits + inexact, 2 << (shift // 2))


@kernel
def scale(values: Floats) -> tuple[int, int]:
    """Return the lowest and the highest shift among the values that are not zero, or (0, 0)."""
    lowest, highest = 1 << 12, -1
    for value in values:
        mantissa, shift = decompose(value)
        if mantissa:
            lowest = min(lowest, shift)
            highest = max(highest, shift)
    return (lowest, highest) if highest >= 0 else (0, 0)


@inlined
def fixed(value: float, lowest: int) -> tuple[int, int]:
    """Return a value in units of 2**(lowest - 1074), as a 128-bit integer of two words."""
    mantissa, shift = decompose(value)
    return shifted(mantissa, np.uint64(shift - lowest if mantissa else 0))


@kernel
def _fixed_powers(values: Floats, counts: Integers, lowest: int, totals: Integers) -> None:
    for i in range(values.size):
        add_powers(totals, fixed(values[i], lowest), np.uint64(counts[i]))
