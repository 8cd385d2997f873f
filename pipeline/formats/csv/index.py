"""The index of a block of CSV: where its rows end and its fields are delimited, as bits.

64 bytes are compared at a time. The index checks what it relies on, that each opening quote stands
at the start of a field; it ends where one does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.numeric.intrinsics import LANES, bit_count, equal_bytes, trailing_zeros
from pipeline.numeric.jit import inlined

if TYPE_CHECKING:
    from pipeline.formats.csv.grammar import ByteDialect
    from pipeline.numeric.arrays import Bytes, Integers, Words

PADDING = LANES
"""Bytes that must follow the text in an array that is indexed: so many are looked at at once."""

MAX_WORDS = 1 << 10
"""Words of delimiters for which an Index has room: 64 KiB of text."""

_MAX_ROWS = 1 << 12
"""Rows for which an Index has room."""

_LANE_BITS = 6
_TOP_BIT = np.uint64(63)
_ONE = np.uint64(1)


class Index(NamedTuple):
    """Where the marks of some rows stand, counted in bytes from the beginning of the first row.

    Bit i of `delimiters[w]`, a uint64, says whether byte 64 * w + i is a delimiter outside quotes.
    `ends[r]` is where the newline of row r stands, and `ranks[r]` how many delimiters stand before
    it, counted from the first row. The arrays have room for MAX_WORDS words and for a few rows more
    than are indexed.
    """

    delimiters: Words
    ends: Integers
    ranks: Integers

    @classmethod
    def empty(cls) -> Index:
        """Return room for an index, small enough for a core's first cache."""
        rows = _MAX_ROWS + LANES
        return cls(
            np.zeros(MAX_WORDS + 1, np.uint64), np.zeros(rows, np.int64), np.zeros(rows, np.int64)
        )


@inlined
def index_rows(
    data: Bytes,
    start: int,
    stop: int,
    dialect: ByteDialect,
    delimiters: Words,
    ends: Integers,
    ranks: Integers,
    words: int,
) -> int:
    """Fill the arrays of an Index from `data[start:stop]`; return how many rows it then holds.

    The first row begins at `start`. It and those that follow are indexed up to a quote in the wrong
    place, through `words` words (at most MAX_WORDS) and while there is room. `data` must hold
    PADDING bytes after `stop`.
    """
    rows = rank = word = 0
    position = start
    inside = odd = False
    ready = True
    while position < stop and word < words and rows < _MAX_ROWS and not odd:
        newlines = equal_bytes(data, position, np.uint8(dialect.newline))
        marks = equal_bytes(data, position, np.uint8(dialect.delimiter))
        if dialect.quote >= 0:
            quotes = equal_bytes(data, position, np.uint8(dialect.quote))
            if quotes or inside:
                newlines, marks, odd, inside, ready = _outside(
                    newlines, marks, quotes, inside, ready
                )
            else:
                ready = ((newlines | marks) >> _TOP_BIT) != 0
        if stop - position < LANES:
            newlines &= (_ONE << np.uint64(stop - position)) - _ONE
        delimiters[word] = marks
        # Few words hold more than one newline, and a processor cannot predict which hold one: the
        # first is written down whether there is one or not.
        while True:
            before = newlines ^ (newlines - _ONE)
            ends[rows] = word * LANES + np.int64(trailing_zeros(newlines))
            ranks[rows] = rank + np.int64(bit_count(marks & before))
            rows += newlines != 0
            newlines &= newlines - _ONE
            if not newlines:
                break
        rank += np.int64(bit_count(marks))
        word += 1
        position += LANES
    return rows


@inlined
def _outside(
    newlines: int, delimiters: int, quotes: int, inside: bool, ready: bool
) -> tuple[int, int, bool, bool, bool]:
    """Return (newlines, delimiters, odd, inside, ready) of 64 bytes that may hold quotes.

    The marks inside quotes are taken out, and those behind an odd quote: one that opens neither at
    the start of a field nor after a closing quote. `inside` says whether the byte before these 64
    was inside quotes, `ready` whether a quote may open after it; both are returned for the next 64.
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
    return newlines, delimiters, odd != 0, (quoted >> _TOP_BIT) != 0, (opens_after >> _TOP_BIT) != 0


@inlined
def find_cell(
    delimiters: Words, base: int, row: int, end: int, fields: int, column: int
) -> tuple[int, int]:
    """Return where in the data the field `column`, from 0, of an indexed row begins and ends.

    The index begins at `base`, the row at `row`; its newline stands at `end`. The row has `fields`
    fields, more than `column`.
    """
    start = row
    left = column
    offset = row - base
    marks = _window(delimiters, offset)
    while np.int64(bit_count(marks)) < left:
        left -= np.int64(bit_count(marks))
        offset += LANES
        marks = _window(delimiters, offset)
    for _ in range(left - 1):
        marks &= marks - _ONE
    if left:
        start = base + offset + np.int64(trailing_zeros(marks)) + 1
        marks &= marks - _ONE
    if fields == column + 1:
        return start, end
    while not marks:
        offset += LANES
        marks = _window(delimiters, offset)
    return start, base + offset + np.int64(trailing_zeros(marks))


@inlined
def _window(delimiters: Words, offset: int) -> int:
    """Return the bits of the 64 bytes from `offset` on, counted from where the index begins."""
    word = offset >> _LANE_BITS
    bit = np.uint64(offset) & _TOP_BIT
    return (delimiters[word] >> bit) | ((delimiters[word + 1] << _ONE) << (_TOP_BIT - bit))
