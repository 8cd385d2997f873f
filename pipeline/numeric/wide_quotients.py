"""Quotients of integers of 1,024 bits, and roots of them, rounded once."""

import numpy as np

from pipeline.numeric.jit import inlined, kernel
from pipeline.numeric.wide import bit_length, low_word, shift_left, shift_right

_WORD_BITS = 64
_MANTISSA_BITS = 53
_ODD = np.uint64(1)


@kernel
def _leading(number: int) -> tuple[float, int]:
    """Return the first 64 bits of a positive Wide as a float64, and the exponent of two to it."""
    exponent = max(bit_length(number) - _WORD_BITS, 0)
    return np.float64(low_word(shift_right(number, exponent))), exponent


@kernel
def _approximate(number: int, exponent: int) -> float:
    """Return about a Wide times 2**-exponent."""
    negative = number < 0
    digits, places = _leading(0 - number if negative else number)
    about: float = np.ldexp(digits, places - exponent)
    return -about if negative else about


@inlined
def _rounded(integer: int, rest: int, exponent: int) -> float:
    """Return integer * 2**exponent, rounded half to even; a `rest` means that a part of 1 is left.

    The integer, a uint64, has 54 to 63 bits.
    """
    extra = 0
    while (integer >> np.uint64(_MANTISSA_BITS + extra)) != 0:
        extra += 1
    kept = integer >> np.uint64(extra)
    lost = integer - (kept << np.uint64(extra))
    half = _ODD << np.uint64(extra - 1)
    if lost > half or (lost == half and (rest != 0 or (kept & _ODD) != 0)):
        kept += _ODD
    nearest: float = np.ldexp(np.float64(kept), exponent + extra)
    return nearest


@kernel
def wide_ratio(numerator: int, denominator: int, exponent: int) -> float:
    """Return the float64 nearest to numerator / denominator * 2**exponent.

    Both are Wides, the denominator positive and 70 bits shorter than a Wide; the quotient is a
    normal float64, or 0.
    """
    if numerator == 0:
        return 0.0
    negative = numerator < 0
    if negative:
        numerator = 0 - numerator
    places = _MANTISSA_BITS + 2 - (bit_length(numerator) - bit_length(denominator))
    if places >= 0:
        numerator = shift_left(numerator, places)
    else:
        denominator = shift_left(denominator, -places)
    digits, most = _leading(denominator)
    quotient = np.int64(_approximate(numerator, most) / digits)
    rest = numerator - denominator * quotient
    step = quotient
    while step != 0:
        step = np.int64(np.rint(_approximate(rest, most) / digits))
        quotient += step
        rest = rest - denominator * step
    if rest < 0:
        quotient -= 1
        rest = rest + denominator
    value: float = _rounded(np.uint64(quotient), rest, exponent - places)
    return -value if negative else value


@kernel
def wide_root(numerator: int, denominator: int, exponent: int) -> float:
    """Return the float64 nearest to the square root of numerator / denominator * 2**exponent.

    Neither is negative, and the denominator not 0; both are as in `wide_ratio`, and the product of
    the denominator with 116 bits is one of them.
    """
    if numerator == 0:
        return 0.0
    places = 2 * (_MANTISSA_BITS + 2) - (bit_length(numerator) - bit_length(denominator))
    places += (places + exponent) & 1
    if places >= 0:
        numerator = shift_left(numerator, places)
    else:
        denominator = shift_left(denominator, -places)
    digits, most = _leading(denominator)
    found = np.int64(np.sqrt(_approximate(numerator, most) / digits))
    rest = numerator - denominator * found * found
    while rest < 0:
        found -= 1
        rest = rest + denominator * (2 * found + 1)
    while rest >= denominator * (2 * found + 1):
        rest = rest - denominator * (2 * found + 1)
        found += 1
    value: float = _rounded(np.uint64(found), rest, (exponent - places) >> 1)
    return value
