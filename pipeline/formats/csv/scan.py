"""Reading a column out of a block of CSV text, row by row.

The index tells where rows and cells are; what it leaves out, and cells that are no plain decimal,
are walked byte by byte.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.formats.csv.decimals import is_number, number
from pipeline.formats.csv.grammar import RETURN, row_at
from pipeline.formats.csv.index import WORDS, cell, mark
from pipeline.numeric.jit import kernel

if TYPE_CHECKING:
    from pipeline.formats.csv.grammar import ByteDialect
    from pipeline.formats.csv.index import Index
    from pipeline.numeric.arrays import Bytes, Floats

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


_FEW = 1 << 4
_BLANK = 32
_TAB = 9


@kernel
def scan(
    data: Bytes,
    start: int,
    stop: int,
    form: ByteDialect,
    tokens: Bytes,
    absent: Floats,
    values: Floats,
    used: int,
    gaps: bool,
    index: Index,
) -> Stop:
    """Read rows of `data[start:stop]`, the first of which begins at `start`, into values[used:].

    `data` must have 64 bytes to spare after `stop`. Missing cells are counted, and left out;
    with `gaps`, NaN takes their place. `tokens` holds the spellings of a missing cell, each after a
    byte with its length; `absent` the numbers that stand for one. `index` is room to work in.
    """
    missing = 0
    delimiters, ends, ranks = index
    row = base = start
    rows = i = before = 0
    words = _FEW  # where each row stops the scan, little is indexed in vain
    while row < stop:
        if used == values.size:
            return Stop(FULL, row, used, missing, row, 0, 0, 0)
        if i == rows:
            rows = mark(data, row, stop, form, delimiters, ends, ranks, words)
            words = min(2 * words, WORDS)
            base = row
            i = before = 0
        if i < rows:
            row_end = base + ends[i]
            fields = ranks[i] - before + 1
            before = ranks[i]
            cell_start = cell_end = row
            if fields == form.fields:
                cell_start, cell_end = cell(delimiters, base, row, row_end, fields, form.column)
            i += 1
        else:
            row_end, cell_start, cell_end, fields, _ = row_at(data, row, stop, form)
            if row_end < 0:
                break
        last, row = row, row_end + 1
        if fields != form.fields:
            if _is_blank(data, last, row_end):
                continue
            return Stop(RAGGED, row, used, missing, last, cell_start, cell_end, fields)
        if cell_end == row_end and cell_end > cell_start and data[cell_end - 1] == RETURN:
            cell_end -= 1
        plain, value = number(data, cell_start, cell_end, form.decimal)
        if not plain:
            cell_start, cell_end = _trim(data, cell_start, cell_end, form)
            plain, value = number(data, cell_start, cell_end, form.decimal)
        if plain and not (absent.size and is_absent(value, absent)):
            values[used] = value
            used += 1
        elif plain or is_missing(data, cell_start, cell_end, tokens):
            missing += 1
            if gaps:
                values[used] = np.nan
                used += 1
        else:
            reason = ODD if is_number(data, cell_start, cell_end, form.decimal) else INVALID
            return Stop(reason, row, used, missing, last, cell_start, cell_end, fields)
    return Stop(MORE, row, used, missing, row, 0, 0, 0)


@kernel
def _is_blank(data: Bytes, start: int, end: int) -> bool:
    return end == start or (end == start + 1 and data[start] == RETURN)


@kernel
def _trim(data: Bytes, start: int, end: int, form: ByteDialect) -> tuple[int, int]:
    """Return the cell without the blanks and the quotes around it."""
    start, end = _strip(data, start, end)
    if end - start > 1 and data[start] == form.quote and data[end - 1] == form.quote:
        start, end = _strip(data, start + 1, end - 1)
    return start, end


@kernel
def _strip(data: Bytes, start: int, end: int) -> tuple[int, int]:
    while start < end and _is_space(data[start]):
        start += 1
    while start < end and _is_space(data[end - 1]):
        end -= 1
    return start, end


@kernel
def _is_space(byte: int) -> bool:
    return byte == _BLANK or byte == _TAB


@kernel
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


@kernel
def is_absent(value: float, absent: Floats) -> bool:
    """Whether a number is one of those that stand for a missing value."""
    for other in absent:
        if value == other:
            return True
    return False
