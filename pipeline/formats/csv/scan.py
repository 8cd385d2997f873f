"""The kernel that reads a column out of a block of CSV text, row by row.

The index says where rows and cells are. Rows that it leaves out, and cells that are no plain
decimal, are walked byte by byte.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.formats.csv.decimals import is_number, plain_decimal
from pipeline.formats.csv.grammar import CARRIAGE_RETURN, row_at
from pipeline.formats.csv.index import MAX_WORDS, find_cell, index_rows
from pipeline.numeric.jit import kernel

if TYPE_CHECKING:
    from pipeline.formats.csv.grammar import ByteDialect
    from pipeline.formats.csv.index import Index
    from pipeline.numeric.arrays import Bytes, Floats

# Why `scan` stopped.
STOP_END = 0
"""All whole rows of the block are read; at most the beginning of a row is left of it."""
STOP_FULL = 1
"""There is no room for another value: make some, and call again."""
STOP_CAREFUL = 2
"""The cell is a number in a spelling that only the slow conversion reads rightly."""
STOP_INVALID = 3
"""The cell is neither a number nor missing."""
STOP_RAGGED = 4
"""The row has too few or too many fields."""


class Stop(NamedTuple):
    """Where and why `scan` stopped. Positions are indices of its `data`.

    Fields:
        reason: one of the STOP constants.
        row: where the next row to read begins.
        values: how many of `values` are filled.
        missing: how many cells are missing among the rows that were read.
        last_row: where the row begins at which it stopped, with the cell that follows.
        cell_start, cell_end: where that row's cell begins, and where it has ended.
        fields: how many fields that row has.

    The last four mean nothing after STOP_END and STOP_FULL.
    """

    reason: int
    row: int
    values: int
    missing: int
    last_row: int
    cell_start: int
    cell_end: int
    fields: int


_FIRST_WORDS = 1 << 4
"""Words that are indexed at first, and twice as many each time: a scan may stop at once."""

SPACE = 32
_TAB = 9


@kernel
def scan(
    data: Bytes,
    start: int,
    stop: int,
    dialect: ByteDialect,
    missing_tokens: Bytes,
    missing_values: Floats,
    values: Floats,
    used: int,
    index: Index,
) -> Stop:
    """Read rows of `data[start:stop]`, the first of which begins at `start`, into `values[used:]`.

    `data` must hold PADDING bytes after `stop`. Missing cells are counted and left out.
    `missing_tokens` holds the spellings of a missing cell, each
    after a byte with its length, `missing_values` the numbers that stand for one. `index` is room
    to work in, which need not be empty.
    """
    missing = 0
    delimiters, ends, ranks = index
    row = base = start
    rows = i = before = 0
    words = _FIRST_WORDS
    while row < stop:
        if used == values.size:
            return Stop(STOP_FULL, row, used, missing, row, 0, 0, 0)
        if i == rows:
            rows = index_rows(data, row, stop, dialect, delimiters, ends, ranks, words)
            words = min(2 * words, MAX_WORDS)
            base = row
            i = before = 0
        if i < rows:
            row_end = base + ends[i]
            fields = ranks[i] - before + 1
            before = ranks[i]
            cell_start = cell_end = row
            if fields == dialect.fields:
                cell_start, cell_end = find_cell(
                    delimiters, base, row, row_end, fields, dialect.column
                )
            i += 1
        else:
            row_end, cell_start, cell_end, fields, _ = row_at(data, row, stop, dialect)
            if row_end < 0:
                break
        last, row = row, row_end + 1
        if fields != dialect.fields:
            if is_blank(data, last, row_end):
                continue
            return Stop(STOP_RAGGED, row, used, missing, last, cell_start, cell_end, fields)
        if cell_end == row_end and cell_end > cell_start and data[cell_end - 1] == CARRIAGE_RETURN:
            cell_end -= 1
        plain, value = plain_decimal(data, cell_start, cell_end, dialect.decimal)
        if not plain:
            cell_start, cell_end = trim(data, cell_start, cell_end, dialect)
            plain, value = plain_decimal(data, cell_start, cell_end, dialect.decimal)
        if plain and not (missing_values.size and is_missing_value(value, missing_values)):
            values[used] = value
            used += 1
        elif plain or is_missing_token(data, cell_start, cell_end, missing_tokens):
            missing += 1
        else:
            careful = is_number(data, cell_start, cell_end, dialect.decimal)
            reason = STOP_CAREFUL if careful else STOP_INVALID
            return Stop(reason, row, used, missing, last, cell_start, cell_end, fields)
    return Stop(STOP_END, row, used, missing, row, 0, 0, 0)


@kernel
def is_blank(data: Bytes, start: int, end: int) -> bool:
    """Whether the row `data[start:end]` holds nothing."""
    return end == start or (end == start + 1 and data[start] == CARRIAGE_RETURN)


@kernel
def trim(data: Bytes, start: int, end: int, dialect: ByteDialect) -> tuple[int, int]:
    """Return where a cell begins and ends without the blanks and the quotes around it."""
    start, end = _strip(data, start, end)
    if end - start > 1 and data[start] == dialect.quote and data[end - 1] == dialect.quote:
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
    return byte == SPACE or byte == _TAB


@kernel
def is_missing_token(data: Bytes, start: int, end: int, missing_tokens: Bytes) -> bool:
    """Whether the cell `data[start:end]` is empty or one of the tokens, as `scan` takes them."""
    size = end - start
    if size == 0:
        return True
    token = 0
    while token < missing_tokens.size:
        length = np.int64(missing_tokens[token])
        if length == size:
            same = True
            for i in range(size):
                if data[start + i] != missing_tokens[token + 1 + i]:
                    same = False
                    break
            if same:
                return True
        token += 1 + length
    return False


@kernel
def is_missing_value(value: float, missing_values: Floats) -> bool:
    """Whether a number is one of the values that stand for a missing one."""
    for other in missing_values:
        if value == other:
            return True
    return False
