"""Whole rows of a CSV file: a partition in, an Arrow table out.

Numbers go through the same kernels as in a run, which also find out where rows begin. Only then
does Arrow's CSV reader cut the same bytes into texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyarrow import csv

from pipeline.formats.csv.cells import RAGGED, CsvCells
from pipeline.formats.table import Problem

if TYPE_CHECKING:
    from pipeline.formats.csv.table import CsvTable
    from pipeline.formats.partition import Partition
    from pipeline.numeric.arrays import Bools, Floats

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Selection:
    """The columns of a CSV file that are kept, in order: each as numbers, or as text."""

    columns: tuple[CsvTable, ...]
    are_numbers: tuple[bool, ...]

    @property
    def numbers(self) -> list[CsvTable]:
        """The columns kept as float64; there is at least one."""
        return [table for table, is_number in self._pairs() if is_number]

    @property
    def texts(self) -> list[CsvTable]:
        """The columns kept as text."""
        return [table for table, is_number in self._pairs() if not is_number]

    @property
    def schema(self) -> pa.Schema:
        """The names and types of the columns."""
        return pa.schema(
            (table.column, pa.float64() if is_number else pa.string())
            for table, is_number in self._pairs()
        )

    def _pairs(self) -> zip[tuple[CsvTable, bool]]:
        return zip(self.columns, self.are_numbers, strict=True)


@dataclass(frozen=True, eq=False)
class RowBatch:
    """The rows that begin in a partition, `begin` and `end` as in `formats.table.Cells`.

    `table` has no rows when none begins there, and when a `problem` stopped the reading.
    """

    begin: int | None
    end: int | None
    table: pa.Table
    invalid: int
    problem: Problem | None


def extract(kept: Selection, partition: Partition) -> RowBatch:
    """Read the rows that begin in a partition.

    A number that is missing becomes null, one that is invalid and skipped positive infinity. A row
    with too few or too many fields becomes negative infinity in all numbers and null in all texts.
    """
    columns = [CsvCells(table, partition, gaps=True) for table in kept.numbers]
    numbers = [_numbers(column) for column in columns]
    invalid = sum(column.invalid for column in columns)
    problem = min(
        (column.problem for column in columns if column.problem),
        key=lambda problem: problem.offset,
        default=None,
    )
    begin, end = columns[0].begin, columns[0].end
    if problem or begin is None or end is None:
        return RowBatch(begin, end, kept.schema.empty_table(), invalid, problem)
    arrays = {
        table.column: pa.array(values, from_pandas=True)
        for table, values in zip(kept.numbers, numbers, strict=True)
    }
    if kept.texts:
        texts = _texts(kept.texts, begin, end, numbers[0] == RAGGED)
        if isinstance(texts, Problem):
            return RowBatch(begin, end, kept.schema.empty_table(), invalid, texts)
        arrays |= texts
    table = pa.table([arrays[name] for name in kept.schema.names], schema=kept.schema)
    return RowBatch(begin, end, table, invalid, None)


def _numbers(column: CsvCells) -> Floats:
    return np.concatenate([np.empty(0), *(batch.copy() for batch in column.batches())])


def _texts(
    tables: list[CsvTable], begin: int, end: int, ragged: Bools
) -> dict[str, pa.ChunkedArray] | Problem:
    """Return the text columns of the rows from `begin` to `end`, null where a row is ragged."""
    with tables[0].open() as file:
        file.seek(begin)
        data = file.read(end - begin)
    try:
        rows, left_out = _cut(tables, data)
    except pa.ArrowInvalid as error:
        return _undecodable(data, begin, tables[0].dialect.encoding) or Problem(
            begin, f"begins rows that cannot be cut into texts ({error}); keep numbers only"
        )
    if rows.num_rows + left_out != ragged.size or left_out != np.count_nonzero(ragged):
        return Problem(
            begin,
            "begins rows that Arrow, which cuts the texts, would cut in another way; does a "
            "carriage return stand alone outside quotes? Remove it, or keep numbers only",
        )
    if left_out:
        rows = rows.take(pa.array(np.cumsum(~ragged) - 1, mask=ragged))
    return dict(zip((table.column for table in tables), rows.columns, strict=True))


def _cut(tables: list[CsvTable], data: bytes) -> tuple[pa.Table, int]:
    """Return the text columns of all rows but the ragged ones, and how many those are."""
    # Arrow takes a mark at the very beginning for the encoding's, and drops it: not after a line.
    text = tables[0].dialect.newline.encode() + data
    try:
        return _parse(tables, text, _BLOCK)
    except pa.ArrowInvalid:
        # A row longer than a block is an error; small blocks stay in the processor's cache.
        return _parse(tables, text, len(text))


def _parse(tables: list[CsvTable], text: bytes, block: int) -> tuple[pa.Table, int]:
    dialect = tables[0].dialect
    wanted = [str(table.form.column) for table in tables]
    ragged = 0

    def leave_out(_: csv.InvalidRow) -> str:
        nonlocal ragged
        ragged += 1
        return "skip"

    rows = csv.read_csv(
        pa.BufferReader(text),
        csv.ReadOptions(
            use_threads=False,
            block_size=block,
            column_names=[str(i) for i in range(tables[0].form.fields)],
            encoding=dialect.encoding,
        ),
        csv.ParseOptions(
            delimiter=dialect.delimiter,
            quote_char=dialect.quote or False,
            newlines_in_values=bool(dialect.quote),
            invalid_row_handler=leave_out,
        ),
        csv.ConvertOptions(include_columns=wanted, column_types=dict.fromkeys(wanted, pa.string())),
    )
    return rows, ragged


def _undecodable(data: bytes, begin: int, encoding: str) -> Problem | None:
    """Return why text cannot be kept when its bytes are not of the encoding."""
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        reason = f"holds bytes that are not {encoding}; is it another --encoding, such as latin-1?"
        return Problem(begin + error.start, reason)
    return None
