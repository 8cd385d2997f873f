"""The index of a block of CSV: where its rows end and its fields are delimited, as bits.

64 bytes are compared at a time. The index proves what it relies on: each opening quote stands at
the start of a field. Where one does not, the index ends.
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

WORDS = 1 << 10
"""Words of delimiters that an Index has room for."""

_ROWS = 1 << 12
_SHIFT = 6
_TOP = np.uint64(63)
_ONE = np.uint64(1)


class Index(NamedTuple):
    """The marks of some rows, counted from where the first of them begins.

    Bit i of `delimiters[w]` says whether byte 64 * w + i is a delimiter outside quotes; `ends` are
    the rows' newlines, and `ranks` how many delimiters stand before each.
    """

    delimiters: Words
    ends: Integers
    ranks: Integers

    @classmethod
    def empty(cls) -> Index:
        """Return room for an index of 64 KiB, small enough for a core's first cache."""
        rows = _ROWS + LANES
        return cls(
            np.zeros(WORDS + 1, np.uint64), np.zeros(rows, np.int64), np.zeros(rows, np.int64)
        )


@inlined
def mark(
    data: Bytes,
    start: int,
    stop: int,
    form: ByteDialect,
    delimiters: Words,
    ends: Integers,
    ranks: Integers,
    words: int,
) -> int:
    """Fill the arrays of an Index from `data[start:stop]`; return how many rows it holds.

    The first row begins at `start`. Rows that end behind an odd quote or behind so many words, or
    find no room, are left out. `data` must have 64 bytes to spare after `stop`.
    """
    rows = rank = word = 0
    position = start
    inside = odd = False
    ready = True
    while position < stop and word < words and rows < _ROWS and not odd:
        newlines = equal_bytes(data, position, np.uint8(form.newline))
        marks = equal_bytes(data, position, np.uint8(form.delimiter))
        if form.quote >= 0:
            quotes = equal_bytes(data, position, np.uint8(form.quote))
            if quotes or inside:
                newlines, marks, odd, inside, ready = _outside(
                    newlines, marks, quotes, inside, ready
                )
            else:
                ready = ((newlines | marks) >> _TOP) != 0
        if stop - position < LANES:
            newlines &= (_ONE << np.uint64(stop - position)) - _ONE
        delimiters[word] = marks
        # Few words hold more than one newline, and which hold one cannot be foretold: the first
        # is written down whether there is one or not.
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


@inlined
def cell(
    delimiters: Words, base: int, row: int, end: int, fields: int, column: int
) -> tuple[int, int]:
    """Return where a field of an indexed row begins and ends.

    The index begins at `base`, the row at `row`. The row ends at `end`, and has that field.
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
    """Return the bits of the 64 bytes from `offset` on."""
    word = offset >> _SHIFT
    bit = np.uint64(offset) & _TOP
    return (delimiters[word] >> bit) | ((delimiters[word + 1] << _ONE) << (_TOP - bit))
