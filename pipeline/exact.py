"""Exact arithmetic: every float64 is an integer multiple of 2**-1074, so sums of powers are integers.

A `k`-th power sum is kept as a plain Python integer in units of 2**(-1074 k). Nothing is rounded
until `ratio` or `root` turns a quotient of such integers into the nearest float64.
"""

from math import inf, isqrt

import numpy as np
from numba import njit

from pipeline.arrays import Floats, Integers
from pipeline.words import decompose

UNIT = 1074
"""Minus the binary exponent of the smallest positive float64."""

_LIMB = 32
_LOW = 0xFFFFFFFF
_LIMBS = (4 * 2099 + 64) // _LIMB + 12


def power_sums(values: Floats, counts: Integers) -> tuple[int, int, int, int]:
    """Return the exact sums of counts * values**k for k = 1, 2, 3, 4, in units of 2**(-1074 k).

    `values` (finite) and `counts` (positive) have the same shape, (n,).
    """
    limbs = np.zeros((4, _LIMBS), np.int64)
    _add_powers(values, counts, limbs)
    first, second, third, fourth = (
        sum(int(limb) << (_LIMB * i) for i, limb in enumerate(row)) for row in limbs
    )
    return first, second, third, fourth


def integer(value: float) -> int:
    """Return a finite float64 as an integer, in units of 2**-1074."""
    numerator, denominator = value.as_integer_ratio()
    return (numerator << UNIT) // denominator


def ratio(numerator: int, denominator: int) -> float:
    """Return the float64 nearest to numerator / denominator (positive); infinite beyond its range."""
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


@njit(cache=True, nogil=True)
def _add_powers(values: Floats, counts: Integers, limbs: Integers) -> None:
    factor = np.zeros(2, np.uint64)
    power = np.zeros(12, np.uint64)
    for i in range(values.size):
        signed, shift = decompose(values[i])
        mantissa = abs(signed)
        factor[0] = mantissa & _LOW
        factor[1] = mantissa >> _LIMB
        count = np.uint64(counts[i])
        power[:] = 0
        power[0] = count & np.uint64(_LOW)
        power[1] = count >> np.uint64(_LIMB)
        for k in range(4):
            _multiply(power, 2 * k + 2, factor)
            _deposit(limbs[k], power, 2 * k + 4, (k + 1) * shift, signed < 0 and k % 2 == 0)
        if i % (1 << 29) == (1 << 29) - 1:
            _carry(limbs)


@njit(cache=True, nogil=True)
def _multiply(power: Integers, size: int, factor: Integers) -> None:
    """Multiply the first `size` limbs of `power` by the two of `factor`, in place."""
    low, high = factor[0], factor[1]
    mask = np.uint64(_LOW)
    bits = np.uint64(_LIMB)
    carry = np.uint64(0)
    before = np.uint64(0)
    for i in range(size + 2):
        limb = power[i]
        step = low * limb + (carry & mask)
        other = high * before + (step & mask)
        power[i] = other & mask
        carry = (carry >> bits) + (step >> bits) + (other >> bits)
        before = limb


@njit(cache=True, nogil=True)
def _deposit(limbs: Integers, power: Integers, size: int, shift: int, negative: bool) -> None:
    word, bit = shift // _LIMB, np.uint64(shift % _LIMB)
    for i in range(size):
        part = power[i] << bit
        low = np.int64(part & np.uint64(_LOW))
        high = np.int64(part >> np.uint64(_LIMB))
        limbs[word + i] += -low if negative else low
        limbs[word + i + 1] += -high if negative else high


@njit(cache=True, nogil=True)
def _carry(limbs: Integers) -> None:
    """Bring every limb but the last back into 32 bits, so that none overflows."""
    for k in range(limbs.shape[0]):
        for i in range(limbs.shape[1] - 1):
            limbs[k, i + 1] += limbs[k, i] >> _LIMB
            limbs[k, i] &= _LOW
