"""One row of CSV, byte by byte: the whole grammar, for whatever no shortcut is sure of."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.numeric.jit import kernel

if TYPE_CHECKING:
    from pipeline.numeric.arrays import Bytes

NO_BYTE = -1
"""The value of `ByteDialect.quote` for files without quoting."""

RETURN = 13
"""The byte that may stand before a newline, and then belongs to it."""

_CONVINCING = 3


class ByteDialect(NamedTuple):
    """What the kernels know of a file: its marks as byte values, and where its column is."""

    delimiter: int
    quote: int
    newline: int
    decimal: int
    column: int
    fields: int


@kernel
def row_at(data: Bytes, row: int, stop: int, form: ByteDialect) -> tuple[int, int, int, int, bool]:
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
            if byte == form.quote or (closed and byte != RETURN):
                clean = False
            fresh = False
            closed = False
    return -1, cell_start, cell_end, fields, clean


@kernel
def first_row(data: Bytes, stop: int, form: ByteDialect) -> int:
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
