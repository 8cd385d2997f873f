"""The kernel that finds the fields of some columns in a block of CSV text, row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pipeline.formats.csv.grammar import CARRIAGE_RETURN, ByteDialect, row_at
from pipeline.formats.csv.index import MAX_WORDS, find_cell, index_rows
from pipeline.formats.csv.scan import SPACE, STOP_END, STOP_FULL, STOP_RAGGED, is_blank, trim
from pipeline.numeric.jit import inlined, kernel

if TYPE_CHECKING:
    from pipeline.formats.csv.index import Index
    from pipeline.numeric.arrays import Bools, Bytes, Integers

_FIRST_WORDS = 1 << 4
"""Words that are indexed at first, and twice as many each time: a block may end at once."""


class Halt(NamedTuple):
    """Where and why `find_fields` stopped.

    Fields:
        reason: STOP_END, STOP_FULL or STOP_RAGGED.
        row: where the next row begins.
        used: how many rows are filled.
        last: where the ragged row begins.
        fields: how many fields that row has.

    """

    reason: int
    row: int
    used: int
    last: int
    fields: int


@kernel
def find_fields(
    data: Bytes,
    start: int,
    stop: int,
    dialect: ByteDialect,
    columns: Integers,
    starts: Integers,
    ends: Integers,
    rows: Integers,
    used: int,
    texts: Bools,
    index: Index,
) -> Halt:
    """Find the fields of the rows of `data[start:stop]`, the first of which begins at `start`.

    Row r's field of the i-th of `columns` lies between `starts[i, r]` and `ends[i, r]`, without
    outer blanks and quotes; a doubled quote in it is made one, in place. Of a column that `texts`
    tells, outer blanks stay, and what follows a closing quote. `rows` has where each row begins.
    They are filled from index `used` on. `data` and `index` are as in `scan`.
    """
    delimiters, line_ends, ranks = index
    row = base = start
    indexed = i = before = 0
    words = _FIRST_WORDS
    while row < stop:
        if used == rows.size:
            return Halt(STOP_FULL, row, used, row, 0)
        if i == indexed:
            indexed = index_rows(data, row, stop, dialect, delimiters, line_ends, ranks, words)
            words = min(2 * words, MAX_WORDS)
            base = row
            i = before = 0
        sure = i < indexed
        if sure:
            end = base + line_ends[i]
            fields = ranks[i] - before + 1
            before = ranks[i]
            i += 1
        else:
            walked = row_at(data, row, stop, dialect)
            end, fields = walked.end, walked.fields
            if end < 0:
                break
        last, row = row, end + 1
        if fields != dialect.fields:
            if is_blank(data, last, end):
                continue
            return Halt(STOP_RAGGED, row, used, last, fields)
        place, passed, framed = last, 0, False
        for c in range(columns.size):
            if sure:
                cell_start, cell_end = find_cell(
                    delimiters, base, place, end, fields - passed, columns[c] - passed
                )
                place, passed = cell_end + 1, columns[c] + 1
            else:
                cell_start, cell_end = _walk_to(data, last, stop, dialect, columns[c])
            if cell_end == end and cell_end > cell_start and data[cell_end - 1] == CARRIAGE_RETURN:
                cell_end -= 1
            starts[c, used] = cell_start
            ends[c, used] = cell_end
            framed |= _is_framed(data, cell_start, cell_end, dialect.quote)
        # Quotes go only when all fields of the row are found: by quotes it is known where they are.
        if framed:
            _take_out(data, starts[:, used], ends[:, used], texts, dialect)
        rows[used] = last
        used += 1
    return Halt(STOP_END, row, used, row, 0)


@inlined
def _is_framed(data: Bytes, start: int, end: int, quote: int) -> bool:
    """Whether blanks or quotes may stand around `data[start:end]`."""
    if start == end:
        return False
    first, last = data[start], data[end - 1]
    framed: bool = first <= SPACE or last <= SPACE or first == quote
    return framed


@kernel
def _take_out(
    data: Bytes, starts: Integers, ends: Integers, texts: Bools, dialect: ByteDialect
) -> None:
    """Take the outer blanks and the quotes out of the fields of a row, as `find_fields` says."""
    for c in range(texts.size):
        start, end = starts[c], ends[c]
        if not _is_framed(data, start, end, dialect.quote):
            continue
        if not texts[c]:
            starts[c], end = trim(data, start, end, dialect)
            if _holds(data, start, starts[c], dialect.quote):
                end = _unescape(data, starts[c], end, dialect.quote)
            ends[c] = end
        elif data[start] == dialect.quote:
            ends[c] = _unquote(data, start, end, dialect.quote)


@inlined
def _holds(data: Bytes, start: int, end: int, byte: int) -> bool:
    """Whether a byte is in `data[start:end]`, which is short."""
    found = False
    for i in range(start, end):
        found |= data[i] == byte
    return found


@kernel
def _walk_to(
    data: Bytes, row: int, stop: int, dialect: ByteDialect, column: int
) -> tuple[int, int]:
    """Return where a column's cell begins and ends in the row at `row`, by the whole grammar."""
    other = ByteDialect(
        dialect.delimiter,
        dialect.quote,
        dialect.newline,
        dialect.decimal,
        column,
        dialect.fields,
    )
    walked = row_at(data, row, stop, other)
    return walked.cell_start, walked.cell_end


@kernel
def _unquote(data: Bytes, start: int, end: int, quote: int) -> int:
    """Take the quotes off the field `data[start:end]`, which begins with one; return its new end.

    What follows the closing quote belongs to the field as it stands.
    """
    place, i, inside = start, start + 1, True
    while i < end:
        if inside and data[i] == quote:
            if i + 1 < end and data[i + 1] == quote:
                i += 1
            else:
                inside = False
                i += 1
                continue
        data[place] = data[i]
        place += 1
        i += 1
    return place


@kernel
def _unescape(data: Bytes, start: int, end: int, quote: int) -> int:
    """Make one of each doubled quote in `data[start:end]`; return where it ends now."""
    place = start
    i = start
    while i < end:
        data[place] = data[i]
        if data[i] == quote and i + 1 < end and data[i + 1] == quote:
            i += 1
        i += 1
        place += 1
    return place
