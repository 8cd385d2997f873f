"""Decimal numbers: from the text of a cell to the float64 nearest to it."""

from __future__ import annotations

from math import ldexp
from typing import TYPE_CHECKING

import numpy as np

from pipeline.numeric.exact import UNIT
from pipeline.numeric.intrinsics import (
    decompose,
    eight_bytes,
    product,
    shifted,
    subtract_pair,
    trailing_zeros,
)
from pipeline.numeric.jit import inlined, kernel

if TYPE_CHECKING:
    from pipeline.numeric.arrays import Bytes

MOST = 18
"""Digits of a plain decimal: up to here `nearest` is exact."""

_TENS = 10 ** np.arange(MOST + 1)
_GUARD = 2

_EXACT = 1 << 53
_POWERS = 10.0 ** np.arange(23)
_ZERO = ord("0")
_NINE = 9
_PLUS = ord("+")
_MINUS = ord("-")
_EIGHT = 8
_ONE = np.uint64(1)
_BYTE = np.uint64(0xFF)
_EACH = np.uint64(0x0101010101010101)
_ZEROS = np.uint64(0x3030303030303030)
_HIGH = np.uint64(0x8080808080808080)
_CARRY = np.uint64(0x7676767676767676)
_PAIRS = np.uint64(0x000000FF000000FF)


@inlined
def number(data: Bytes, start: int, end: int, decimal: int) -> tuple[bool, float]:
    """Return whether a cell is a plain decimal, and its value.

    A plain decimal has a sign or none, up to 18 digits, and no exponent. Where its digits and its
    power of ten are exact, one division rounds once.
    Clinger, "How to read floating point numbers accurately", PLDI 1990.
    """
    negative = end > start and data[start] == _MINUS
    if negative or (end > start and data[start] == _PLUS):
        start += 1
    if end - start <= _EIGHT:
        mantissa, places = _eight_digits(data, start, end, decimal)
    else:
        mantissa, places = _digits(data, start, end, decimal)
    if places < 0:
        return False, 0.0
    value = mantissa / _POWERS[places] if mantissa <= _EXACT else nearest(mantissa, places)
    return True, -value if negative else value


@inlined
def _eight_digits(data: Bytes, start: int, end: int, decimal: int) -> tuple[int, int]:
    """Read up to eight characters at once, as the bytes of one word: return `_digits`' pair.

    Lemire, "Quickly parsing eight digits", 2018; the decimal mark is squeezed out first.
    """
    size = end - start
    if size <= 0:
        return 0, -1
    digits = (eight_bytes(data, start) ^ _ZEROS) << np.uint64(8 * (_EIGHT - size))
    marks = digits ^ (np.uint64(decimal ^ _ZERO) * _EACH)
    mark = (marks - _EACH) & ~marks & _HIGH
    places = 0
    if mark:
        if size == 1:
            return 0, -1
        byte = np.int64(trailing_zeros(mark)) >> 3
        places = 7 - byte
        before = (_ONE << np.uint64(8 * byte)) - _ONE
        digits = ((digits & before) << np.uint64(8)) | (
            digits & ~((before << np.uint64(8)) | _BYTE)
        )
    if ((digits + _CARRY) | digits) & _HIGH:
        return 0, -1
    digits = digits * np.uint64(10) + (digits >> np.uint64(8))
    high = (digits & _PAIRS) * np.uint64(100 + (1000000 << 32))
    low = ((digits >> np.uint64(16)) & _PAIRS) * np.uint64(1 + (10000 << 32))
    return np.int64((high + low) >> np.uint64(32)), places


@kernel
def _digits(data: Bytes, start: int, end: int, decimal: int) -> tuple[int, int]:
    """Return the digits of a plain decimal as an integer, and how many follow its mark.

    The latter is -1 for what is no plain decimal of at most 18 digits.
    """
    mantissa = 0
    digits = 0
    places = -1
    for position in range(start, end):
        digit = np.int64(data[position]) - _ZERO
        if 0 <= digit <= _NINE:
            mantissa = mantissa * 10 + digit
            digits += 1
            if places >= 0:
                places += 1
        elif data[position] == decimal and places < 0:
            places = 0
        else:
            return 0, -1
        if digits > MOST:
            return 0, -1
    return mantissa, (max(places, 0) if digits else -1)


@kernel
def is_number(data: Bytes, start: int, end: int, decimal: int) -> bool:
    """Whether a cell is a decimal number: sign, digits with a decimal mark, exponent."""
    position = _after_sign(data, start, end)
    whole = _after_digits(data, position, end)
    digits = whole - position
    position = whole
    if position < end and data[position] == decimal:
        position = _after_digits(data, whole + 1, end)
        digits += position - whole - 1
    if digits == 0:
        return False
    if position < end and (data[position] == ord("e") or data[position] == ord("E")):
        exponent = _after_sign(data, position + 1, end)
        position = _after_digits(data, exponent, end)
        if position == exponent:
            return False
    return position == end


@kernel
def _after_sign(data: Bytes, position: int, end: int) -> int:
    if position < end and (data[position] == ord("+") or data[position] == ord("-")):
        return position + 1
    return position


@kernel
def _after_digits(data: Bytes, position: int, end: int) -> int:
    while position < end and 0 <= np.int64(data[position]) - _ZERO <= _NINE:
        position += 1
    return position


@kernel
def nearest(mantissa: int, places: int) -> float:
    """Return the float64 nearest to mantissa / 10**places, for 0 < mantissa < 10**18, places <= 18.

    A quotient of float64 is off by two units in its last place at most. With two more bits, the
    rest that it leaves is below 2**63, and corrects it to the exact quotient, rounded down; one bit
    more tells whether anything follows, and the conversion to float64 rounds once.
    """
    ten = _TENS[places]
    root, shift = decompose(mantissa / np.float64(ten))
    exponent = shift - UNIT
    lift = max(0, _GUARD - exponent)
    quotient = root << (exponent + lift)
    rest = np.int64(
        subtract_pair(
            shifted(mantissa, np.uint64(lift)), product(np.uint64(quotient), np.uint64(ten))
        )[0]
    )
    quotient += rest // ten
    return ldexp(np.float64(2 * quotient + (rest % ten != 0)), -lift - 1)
