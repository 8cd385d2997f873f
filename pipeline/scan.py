"""The kernels that read a column out of a block of CSV text.

The fast path compares 64 bytes at a time and sees a row as bits: delimiters and newlines outside
quotes. It proves what it relies on: each opening quote stands at the start of a field, each row
has its number of fields. Where it cannot, `row_at` walks that one row byte by byte.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from pipeline.decimals import nearest
from pipeline.words import WORD, bit_count, eight_bytes, equal_bytes, trailing_zeros

if TYPE_CHECKING:
    from pipeline.arrays import Bytes, Floats

NO_BYTE = -1
"""The value of `Format.quote` for files without quoting."""

# Why `scan` stopped.
MORE = 0
"""The rows of the block are read; what is left of it is the beginning of a row."""
FULL = 1
"""There is no room for another value: call again."""
ODD = 2
"""The cell is a number in a spelling that needs the careful conversion."""
INVALID = 3
"""The cell is neither a number nor missing."""
RAGGED = 4
"""The row has too few or too many fields."""


class Format(NamedTuple):
    """What the kernels know of a file: its marks as byte values, and where its column is."""

    delimiter: int
    quote: int
    newline: int
    decimal: int
    column: int
    fields: int


class Stop(NamedTuple):
    """Where and why `scan` stopped; `row` is the next row to read, the cell belongs to the last."""

    reason: int
    row: int
    values: int
    missing: int
    last_row: int
    cell_start: int
    cell_end: int
    fields: int


_BLANK = 32
_TAB = 9
_RETURN = 13
_CONVINCING = 3
_DIGITS = 18
_EXACT = 1 << 53
_POWERS = 10.0 ** np.arange(23)

_NUMBER = 0
_OTHER = 1
_ZERO = ord("0")
_NINE = 9
_PLUS = ord("+")
_MINUS = ord("-")
_EIGHT = 8
_TOP = np.uint64(63)
_ONE = np.uint64(1)
_BYTE = np.uint64(0xFF)
_EACH = np.uint64(0x0101010101010101)
_ZEROS = np.uint64(0x3030303030303030)
_HIGH = np.uint64(0x8080808080808080)
_CARRY = np.uint64(0x7676767676767676)
_PAIRS = np.uint64(0x000000FF000000FF)


@njit(cache=True, nogil=True)
def scan(
    data: Bytes,
    start: int,
    stop: int,
    form: Format,
    tokens: Bytes,
    absent: Floats,
    values: Floats,
    used: int,
    gaps: bool,
) -> Stop:
    """Read rows of `data[start:stop]`, the first of which begins at `start`, into values[used:].

    `data` must have 64 bytes to spare after `stop`. Missing cells are counted, and left out;
    with `gaps`, NaN takes their place. `tokens` holds the spellings of a missing cell, each after a
    byte with its length; `absent` the numbers that stand for one.
    """
    missing = 0
    row = start
    while row < stop:
        if used == values.size:
            return Stop(FULL, row, used, missing, row, 0, 0, 0)
        row_end, cell_start, cell_end, fields = _plain_row(data, row, stop, form)
        if row_end < 0:
            row_end, cell_start, cell_end, fields, _ = row_at(data, row, stop, form)
            if row_end < 0:
                break
        last, row = row, row_end + 1
        if fields != form.fields:
            if _is_blank(data, last, row_end):
                continue
            return Stop(RAGGED, row, used, missing, last, cell_start, cell_end, fields)
        if cell_end == row_end and cell_end > cell_start and data[cell_end - 1] == _RETURN:
            cell_end -= 1
        cell_start, cell_end = _trim(data, cell_start, cell_end, form)
        kind, value = _number(data, cell_start, cell_end, form.decimal)
        if kind == _NUMBER and not (absent.size and is_absent(value, absent)):
            values[used] = value
            used += 1
        elif kind == _NUMBER or is_missing(data, cell_start, cell_end, tokens):
            missing += 1
            if gaps:
                values[used] = np.nan
                used += 1
        else:
            reason = ODD if is_number(data, cell_start, cell_end, form.decimal) else INVALID
            return Stop(reason, row, used, missing, last, cell_start, cell_end, fields)
    return Stop(MORE, row, used, missing, row, 0, 0, 0)


@njit(cache=True, nogil=True)
def _plain_row(data: Bytes, row: int, stop: int, form: Format) -> tuple[int, int, int, int]:
    """Return (end, cell start, cell end, fields) of a row, as `row_at` does.

    `end` is -1 when the row does not end before `stop`, or has a quote where none may open.
    """
    fields = 1
    cell_start = row
    cell_end = -1
    inside = False
    ready = True
    position = row
    while position < stop:
        newlines = equal_bytes(data, position, np.uint8(form.newline))
        delimiters = equal_bytes(data, position, np.uint8(form.delimiter))
        odd = False
        if form.quote >= 0:
            quotes = equal_bytes(data, position, np.uint8(form.quote))
            if quotes or inside:
                newlines, delimiters, odd, inside, ready = _outside(
                    newlines, delimiters, quotes, inside, ready
                )
            else:
                ready = (delimiters >> _TOP) != 0
        end = newlines & (~newlines + _ONE)
        before = delimiters & (end - _ONE)
        count = np.int64(bit_count(before))
        if cell_end < 0:
            ahead = form.column + 1 - fields
            if ahead > 0 and count >= ahead:
                for _ in range(ahead - 1):
                    before &= before - _ONE
                cell_start = position + np.int64(trailing_zeros(before)) + 1
                before &= before - _ONE
                ahead = 0
            if ahead <= 0 and before:
                cell_end = position + np.int64(trailing_zeros(before))
        fields += count
        if end:
            row_end = position + np.int64(trailing_zeros(end))
            if row_end >= stop:
                return -1, 0, 0, 0
            return row_end, cell_start, row_end if cell_end < 0 else cell_end, fields
        if odd:
            return -1, 0, 0, 0
        position += WORD
    return -1, 0, 0, 0


@njit(cache=True, nogil=True)
def _outside(
    newlines: int, delimiters: int, quotes: int, inside: bool, ready: bool
) -> tuple[int, int, bool, bool, bool]:
    """Return the newlines and the delimiters outside quotes, and whether a quote is odd.

    `inside` says whether the byte before these 64 was inside quotes, `ready` whether a quote may
    open after it; both are returned anew. An odd quote opens elsewhere than at the start of a field
    or after a closing quote; what comes after it is left out.
    """
    quoted = quotes
    for shift in (1, 2, 4, 8, 16, 32):
        quoted ^= quoted << np.uint64(shift)
    if inside:
        quoted = ~quoted
    newlines &= ~quoted
    delimiters &= ~quoted
    opens_after = newlines | delimiters | (quotes & ~quoted)
    odd = quotes & quoted & ~((opens_after << _ONE) | np.uint64(ready))
    if odd:
        trusted = (odd & (~odd + _ONE)) - _ONE
        newlines &= trusted
        delimiters &= trusted
    return newlines, delimiters, odd != 0, (quoted >> _TOP) != 0, (opens_after >> _TOP) != 0


@njit(cache=True, nogil=True)
def row_at(data: Bytes, row: int, stop: int, form: Format) -> tuple[int, int, int, int, bool]:
    """Walk one row byte by byte: the whole grammar, with quotes wherever they may stand.

    Return (end, cell start, cell end, fields, clean): `end` is where its newline stands, or -1
    when the row does not end before `stop`; `clean` is False when a quote stands inside an
    unquoted field or text follows a closing quote.
    """
    fields = 1
    cell_start = row
    cell_end = -1
    clean = True
    quoted = False
    fresh = True
    closed = False
    for position in range(row, stop):
        byte = np.int64(data[position])
        if quoted:
            if byte == form.quote:
                quoted = False
                closed = True
            continue
        if byte == form.newline or byte == form.delimiter:
            if fields == form.column + 1:
                cell_end = position
            if byte == form.newline:
                return position, cell_start, cell_end, fields, clean
            fields += 1
            if fields == form.column + 1:
                cell_start = position + 1
            fresh = True
            closed = False
        elif byte == form.quote and (fresh or closed):
            quoted = True
            fresh = False
            closed = False
        else:
            if byte == form.quote or (closed and byte != _RETURN):
                clean = False
            fresh = False
            closed = False
    return -1, cell_start, cell_end, fields, clean


@njit(cache=True, nogil=True)
def _is_blank(data: Bytes, start: int, end: int) -> bool:
    return end == start or (end == start + 1 and data[start] == _RETURN)


@njit(cache=True, nogil=True)
def _trim(data: Bytes, start: int, end: int, form: Format) -> tuple[int, int]:
    """Return the cell without the blanks and the quotes around it."""
    start, end = _strip(data, start, end)
    if end - start > 1 and data[start] == form.quote and data[end - 1] == form.quote:
        start, end = _strip(data, start + 1, end - 1)
    return start, end


@njit(cache=True, nogil=True)
def _strip(data: Bytes, start: int, end: int) -> tuple[int, int]:
    while start < end and _is_space(data[start]):
        start += 1
    while start < end and _is_space(data[end - 1]):
        end -= 1
    return start, end


@njit(cache=True, nogil=True)
def _is_space(byte: int) -> bool:
    return byte == _BLANK or byte == _TAB


@njit(cache=True, nogil=True)
def _number(data: Bytes, start: int, end: int, decimal: int) -> tuple[int, float]:
    """Read a plain decimal; where its digits and power of ten are exact, one division rounds once.

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
        return _OTHER, 0.0
    value = mantissa / _POWERS[places] if mantissa <= _EXACT else nearest(mantissa, places)
    return _NUMBER, -value if negative else value


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
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
        if digits > _DIGITS:
            return 0, -1
    return mantissa, (max(places, 0) if digits else -1)


@njit(cache=True, nogil=True)
def is_missing(data: Bytes, start: int, end: int, tokens: Bytes) -> bool:
    """Whether a cell is empty or one of the spellings of a missing value."""
    size = end - start
    if size == 0:
        return True
    token = 0
    while token < tokens.size:
        length = np.int64(tokens[token])
        if length == size:
            same = True
            for i in range(size):
                if data[start + i] != tokens[token + 1 + i]:
                    same = False
                    break
            if same:
                return True
        token += 1 + length
    return False


@njit(cache=True, nogil=True)
def is_absent(value: float, absent: Floats) -> bool:
    """Whether a number is one of those that stand for a missing value."""
    for number in absent:
        if value == number:
            return True
    return False


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def _after_sign(data: Bytes, position: int, end: int) -> int:
    if position < end and (data[position] == ord("+") or data[position] == ord("-")):
        return position + 1
    return position


@njit(cache=True, nogil=True)
def _after_digits(data: Bytes, position: int, end: int) -> int:
    while position < end and 0 <= np.int64(data[position]) - _ZERO <= _NINE:
        position += 1
    return position


@njit(cache=True, nogil=True)
def first_row(data: Bytes, stop: int, form: Format) -> int:
    """Guess where in `data[:stop]` a row begins; -1 when there is no newline.

    The guess is the first newline after which a few rows follow that are whole and clean; if
    there is none, the first newline.
    """
    guess = -1
    for position in range(stop):
        if data[position] != form.newline:
            continue
        if guess < 0:
            guess = position + 1
        row = position + 1
        for _ in range(_CONVINCING):
            end, _, _, fields, clean = row_at(data, row, stop, form)
            if end < 0:
                break
            if fields != form.fields or not clean:
                row = position
                break
            row = end + 1
        if row > position + 1:
            return position + 1
    return guess
