"""The grammar of one row of CSV, byte by byte: for rows of which the index is not sure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.numeric.jit import kernel

if TYPE_CHECKING:
    from pipeline.formats.csv.dialect import Dialect
    from pipeline.numeric.arrays import Bytes

NO_QUOTE = -1
"""The value of `ByteDialect.quote` for files without quoting."""

CARRIAGE_RETURN = 13
"""The byte that may stand before a newline, and then belongs to it."""

_CONVINCING_ROWS = 3


class ByteDialect(NamedTuple):
    """A dialect as kernels take it: marks as byte values, and where the column is.

    `quote` is NO_QUOTE in files without quoting; `column` is the index of the column that is read,
    from 0, and `fields` how many fields a row has.
    """

    delimiter: int
    quote: int
    newline: int
    decimal: int
    column: int
    fields: int

    @classmethod
    def of(cls, dialect: Dialect, column: int, fields: int) -> ByteDialect:
        """Return a dialect in bytes, to read one column of rows with so many fields."""
        return cls(
            ord(dialect.delimiter),
            ord(dialect.quote) if dialect.quote else NO_QUOTE,
            ord(dialect.newline),
            ord(dialect.decimal),
            column,
            fields,
        )


class Row(NamedTuple):
    """What walking a row tells.

    `end` is where its newline stands, or -1 when the row does not end; the column's cell reaches
    from `cell_start` to before `cell_end`, which is -1 when the row has no such field; `clean` is
    False when a quote stands inside an unquoted field or text follows a closing quote.
    """

    end: int
    cell_start: int
    cell_end: int
    fields: int
    clean: bool


@kernel
def row_at(data: Bytes, row: int, stop: int, dialect: ByteDialect) -> Row:
    """Walk the row that begins at `data[row]`, up to `stop` at most, by the whole grammar.

    Quotes may stand anywhere. All positions are indices of `data`.
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
            if byte == dialect.quote:
                quoted = False
                closed = True
            continue
        if byte == dialect.newline or byte == dialect.delimiter:
            if fields == dialect.column + 1:
                cell_end = position
            if byte == dialect.newline:
                return Row(position, cell_start, cell_end, fields, clean)
            fields += 1
            if fields == dialect.column + 1:
                cell_start = position + 1
            fresh = True
            closed = False
        elif byte == dialect.quote and (fresh or closed):
            quoted = True
            fresh = False
            closed = False
        else:
            if byte == dialect.quote or (closed and byte != CARRIAGE_RETURN):
                clean = False
            fresh = False
            closed = False
    return Row(-1, cell_start, cell_end, fields, clean)


@kernel
def first_row(data: Bytes, stop: int, dialect: ByteDialect) -> int:
    """Guess where in `data[:stop]` a row begins; -1 when there is no newline.

    The guess is behind the first newline after which a few rows follow that are whole and clean,
    or behind the first newline of all when there is none such.
    """
    guess = -1
    for position in range(stop):
        if data[position] != dialect.newline:
            continue
        if guess < 0:
            guess = position + 1
        row = position + 1
        for _ in range(_CONVINCING_ROWS):
            walked = row_at(data, row, stop, dialect)
            if walked.end < 0:
                break
            if walked.fields != dialect.fields or not walked.clean:
                row = position
                break
            row = walked.end + 1
        if row > position + 1:
            return position + 1
    return guess
