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

MAX_DIGITS = 18
"""Digits of a plain decimal: up to here `nearest` is exact."""

_INTEGER_POWERS = 10 ** np.arange(MAX_DIGITS + 1)

_GUARD_BITS = 2
"""Bits of a quotient beyond those of the float64, by which it may be wrong."""

_EXACT_LIMIT = 1 << 53
"""Integers up to here are exact in a float64, and so are the powers of ten up to 10**22."""

_FLOAT_POWERS = 10.0 ** np.arange(23)
_ZERO = ord("0")
_NINE = 9
_PLUS = ord("+")
_MINUS = ord("-")
_WORD_BYTES = 8
_ONE = np.uint64(1)
_LOWEST_BYTE = np.uint64(0xFF)
_IN_EACH_BYTE = np.uint64(0x0101010101010101)
_ZERO_DIGITS = np.uint64(0x3030303030303030)
_HIGH_BITS = np.uint64(0x8080808080808080)
_ABOVE_NINE = np.uint64(0x7676767676767676)
_PAIR_MASK = np.uint64(0x000000FF000000FF)


@inlined
def plain_decimal(data: Bytes, start: int, end: int, decimal: int) -> tuple[bool, float]:
    """Return whether the cell `data[start:end]` is a plain decimal, and its value, else 0.0.

    A plain decimal has a sign or none, up to MAX_DIGITS digits, perhaps the byte `decimal` among
    them, and no exponent. Where its digits and its power of ten are exact in a float64, one
    division rounds once; see Clinger, "How to read floating point numbers accurately", PLDI 1990.

    8 bytes must follow `data[start]`: they are read at once.
    """
    negative = end > start and data[start] == _MINUS
    if negative or (end > start and data[start] == _PLUS):
        start += 1
    if end - start <= _WORD_BYTES:
        mantissa, places = _eight_digits(data, start, end, decimal)
    else:
        mantissa, places = _digits(data, start, end, decimal)
    if places < 0:
        return False, 0.0
    value = (
        mantissa / _FLOAT_POWERS[places] if mantissa <= _EXACT_LIMIT else nearest(mantissa, places)
    )
    return True, -value if negative else value


@inlined
def _eight_digits(data: Bytes, start: int, end: int, decimal: int) -> tuple[int, int]:
    """Read up to eight characters at once, as the bytes of one word; return what `_digits` does.

    Lemire, "Quickly parsing eight digits", 2018; before that, the decimal mark is taken out.
    """
    size = end - start
    if size <= 0:
        return 0, -1
    digits = (eight_bytes(data, start) ^ _ZERO_DIGITS) << np.uint64(8 * (_WORD_BYTES - size))
    marks = digits ^ (np.uint64(decimal ^ _ZERO) * _IN_EACH_BYTE)
    mark = (marks - _IN_EACH_BYTE) & ~marks & _HIGH_BITS
    places = 0
    if mark:
        if size == 1:
            return 0, -1
        byte = np.int64(trailing_zeros(mark)) >> 3
        places = 7 - byte
        before = (_ONE << np.uint64(8 * byte)) - _ONE
        digits = ((digits & before) << np.uint64(8)) | (
            digits & ~((before << np.uint64(8)) | _LOWEST_BYTE)
        )
    if ((digits + _ABOVE_NINE) | digits) & _HIGH_BITS:
        return 0, -1
    digits = digits * np.uint64(10) + (digits >> np.uint64(8))
    high = (digits & _PAIR_MASK) * np.uint64(100 + (1000000 << 32))
    low = ((digits >> np.uint64(16)) & _PAIR_MASK) * np.uint64(1 + (10000 << 32))
    return np.int64((high + low) >> np.uint64(32)), places


@kernel
def _digits(data: Bytes, start: int, end: int, decimal: int) -> tuple[int, int]:
    """Return the digits of a plain decimal as an integer, and how many of them follow its mark.

    The latter is -1 for what is no plain decimal of at most MAX_DIGITS digits without a sign.
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
        if digits > MAX_DIGITS:
            return 0, -1
    return mantissa, (max(places, 0) if digits else -1)


@kernel
def is_number(data: Bytes, start: int, end: int, decimal: int) -> bool:
    """Whether the cell `data[start:end]` is a decimal number: sign, digits with a mark, exponent.

    `decimal` is the byte of the decimal mark. Sign, mark and exponent may be absent.
    """
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
    """Return the float64 nearest to mantissa / 10**places.

    `mantissa` lies between 1 and 10**18 - 1, `places` between 0 and 18.

    The quotient of two float64 is off by two units in its last place at most. With two more bits,
    the remainder it leaves is below 2**63, and corrects it to the exact quotient, rounded down. One
    more bit says whether anything follows, and the conversion to float64 rounds once.
    """
    ten = _INTEGER_POWERS[places]
    root, shift = decompose(mantissa / np.float64(ten))
    exponent = shift - UNIT
    lift = max(0, _GUARD_BITS - exponent)
    quotient = root << (exponent + lift)
    rest = np.int64(
        subtract_pair(
            shifted(mantissa, np.uint64(lift)), product(np.uint64(quotient), np.uint64(ten))
        )[0]
    )
    quotient += rest // ten
    return ldexp(np.float64(2 * quotient + (rest % ten != 0)), -lift - 1)
