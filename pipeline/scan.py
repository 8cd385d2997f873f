"""The kernels that read a column out of a block of CSV text.

The fast path compares 64 bytes at a time and sees a row as bits: delimiters and newlines outside
quotes. It proves what it relies on: each opening quote stands at the start of a field, each row
has its number of fields. Where it cannot, `row_at` walks that one row byte by byte.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from pipeline.words import WORD, bit_count, equal_bytes, trailing_zeros

if TYPE_CHECKING:
    from pipeline.arrays import Bytes, Floats, Integers

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
) -> Stop:
    """Read rows of `data[start:stop]`, the first of which begins at `start`, into values[used:].

    `data` must have 64 bytes to spare after `stop`. Missing cells are counted, and left out.
    `tokens` holds the spellings of a missing cell, each after a byte with its length; `absent`
    the numbers that stand for one.
    """
    missing = 0
    row = start
    position = start
    newlines, delimiters, bad, inside, ready = _word(data, position, stop, form, False, True)
    while row < stop:
        if used == values.size:
            return Stop(FULL, row, used, missing, row, 0, 0, 0)
        fields = 0
        cell_start = row
        cell_end = -1
        while True:
            end = newlines & (~newlines + np.uint64(1))
            before = delimiters & (end - np.uint64(1))
            if cell_end < 0:
                seen = before
                number = fields
                while seen and number <= form.column:
                    place = position + np.int64(trailing_zeros(seen))
                    seen &= seen - np.uint64(1)
                    number += 1
                    if number == form.column:
                        cell_start = place + 1
                    elif number > form.column:
                        cell_end = place
            fields += np.int64(bit_count(before))
            if end or bad or position + WORD >= stop:
                break
            position += WORD
            newlines, delimiters, bad, inside, ready = _word(
                data, position, stop, form, inside, ready
            )
        fields += 1
        if end:
            row_end = position + np.int64(trailing_zeros(end))
            newlines ^= end
            delimiters &= ~(end - np.uint64(1))
            if cell_end < 0:
                cell_end = row_end
        else:
            row_end, cell_start, cell_end, fields, _ = row_at(data, row, stop, form)
            if row_end < 0:
                break
            position = row_end + 1
            newlines, delimiters, bad, inside, ready = _word(
                data, position, stop, form, False, True
            )
        last, row = row, row_end + 1
        if fields != form.fields:
            if _is_blank(data, last, row_end):
                continue
            return Stop(RAGGED, row, used, missing, last, cell_start, cell_end, fields)
        if cell_end == row_end and cell_end > cell_start and data[cell_end - 1] == _RETURN:
            cell_end -= 1
        cell_start, cell_end = _trim(data, cell_start, cell_end, form)
        kind, value = _number(data, cell_start, cell_end, form.decimal)
        if kind == _NUMBER:
            if absent.size and is_absent(value, absent):
                missing += 1
            else:
                values[used] = value
                used += 1
        elif is_missing(data, cell_start, cell_end, tokens):
            missing += 1
        else:
            reason = ODD if is_number(data, cell_start, cell_end, form.decimal) else INVALID
            return Stop(reason, row, used, missing, last, cell_start, cell_end, fields)
    return Stop(MORE, row, used, missing, row, 0, 0, 0)


@njit(cache=True, nogil=True, inline="always")
def _word(
    data: Bytes, position: int, stop: int, form: Format, inside: bool, ready: bool
) -> tuple[int, int, int, bool, bool]:
    """Return 64 bytes' newlines and delimiters outside quotes, and a bit where quoting is odd.

    `inside` says whether the byte before was inside quotes, `ready` whether a quote may open
    after it. Bits from an odd quote on are not to be trusted and left out.
    """
    if position >= stop:
        return np.uint64(0), np.uint64(0), np.uint64(0), False, True
    newlines = equal_bytes(data, position, np.uint8(form.newline))
    delimiters = equal_bytes(data, position, np.uint8(form.delimiter))
    quotes = np.uint64(0)
    if form.quote >= 0:
        quotes = equal_bytes(data, position, np.uint8(form.quote))
    left = stop - position
    if left < WORD:
        within = (np.uint64(1) << np.uint64(left)) - np.uint64(1)
        newlines &= within
        delimiters &= within
        quotes &= within
    if not quotes and not inside:
        ready = ((newlines | delimiters) >> np.uint64(63)) != 0
        return newlines, delimiters, np.uint64(0), False, ready
    quoted = quotes
    for shift in (1, 2, 4, 8, 16, 32):
        quoted ^= quoted << np.uint64(shift)
    if inside:
        quoted = ~quoted
    newlines &= ~quoted
    delimiters &= ~quoted
    opens = newlines | delimiters | (quotes & ~quoted)
    bad = quotes & quoted & ~((opens << np.uint64(1)) | np.uint64(ready))
    if bad:
        trusted = (bad & (~bad + np.uint64(1))) - np.uint64(1)
        newlines &= trusted
        delimiters &= trusted
    last = np.uint64(63)
    return newlines, delimiters, bad, (quoted >> last) != 0, (opens >> last) != 0


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
    """Read a plain decimal whose digits and power of ten are exact: one division rounds once.

    Clinger, "How to read floating point numbers accurately", PLDI 1990.
    """
    position = start
    negative = position < end and data[position] == ord("-")
    if position < end and (negative or data[position] == ord("+")):
        position += 1
    digits = 0
    places = 0
    mantissa = 0
    while position < end:
        digit = np.int64(data[position]) - 48
        if digit < 0 or digit > 9:
            break
        mantissa = mantissa * 10 + digit
        digits += 1
        position += 1
        if digits > _DIGITS:
            return _OTHER, 0.0
    if position < end and data[position] == decimal:
        position += 1
        while position < end:
            digit = np.int64(data[position]) - 48
            if digit < 0 or digit > 9:
                break
            mantissa = mantissa * 10 + digit
            places += 1
            position += 1
            if digits + places > _DIGITS:
                return _OTHER, 0.0
    if position < end or digits + places == 0 or mantissa > _EXACT:
        return _OTHER, 0.0
    value = mantissa / _POWERS[places]
    return _NUMBER, -value if negative else value


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
    while position < end and 48 <= data[position] <= 57:
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
