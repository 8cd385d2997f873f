"""Whole rows of a CSV file: a partition in, an Arrow table out.

Numbers go through the kernels that a run uses, which also find out where the rows begin. Then
Arrow's CSV reader cuts the same bytes into texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyarrow import csv

from pipeline.formats.csv.cells import RAGGED_GAP, CsvCells
from pipeline.formats.table import Problem

if TYPE_CHECKING:
    from pipeline.formats.csv.spec import CsvSpec
    from pipeline.formats.partition import Partition
    from pipeline.numeric.arrays import Bools, Floats

_BLOCK_BYTES = 1 << 20
"""Bytes that Arrow cuts at a time: they stay in the processor's cache."""


@dataclass(frozen=True)
class Selection:
    """The columns of one CSV file that are kept, in order.

    `are_numbers` says of each whether it is kept as float64, else as text; at least one is.
    """

    columns: tuple[CsvSpec, ...]
    are_numbers: tuple[bool, ...]

    @property
    def numbers(self) -> list[CsvSpec]:
        """The columns kept as float64; there is at least one."""
        return [spec for spec, is_number in self._pairs() if is_number]

    @property
    def texts(self) -> list[CsvSpec]:
        """The columns kept as text."""
        return [spec for spec, is_number in self._pairs() if not is_number]

    @property
    def schema(self) -> pa.Schema:
        """The names and types of the columns."""
        return pa.schema(
            (spec.column, pa.float64() if is_number else pa.string())
            for spec, is_number in self._pairs()
        )

    def _pairs(self) -> zip[tuple[CsvSpec, bool]]:
        return zip(self.columns, self.are_numbers, strict=True)


@dataclass(frozen=True, eq=False)
class RowBatch:
    """The rows that begin in a partition.

    Fields:
        begin, end: the bytes at which the first row begins and the last has ended; None when no
            row begins there.
        table: the columns of the selection; no rows when there are none, or a problem.
        invalid: how many cells of number columns are invalid.
        problem: why reading stopped, or None.

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

    Raises InputError when the file has changed, OSError when it cannot be read.
    """
    cells = [CsvCells(spec, partition, gaps=True) for spec in kept.numbers]
    numbers = [_all_values(column) for column in cells]
    invalid = sum(column.invalid for column in cells)
    problem = min(
        (column.problem for column in cells if column.problem),
        key=lambda problem: problem.offset,
        default=None,
    )
    begin, end = cells[0].begin, cells[0].end
    if problem or begin is None or end is None:
        return RowBatch(begin, end, kept.schema.empty_table(), invalid, problem)
    arrays = {
        spec.column: pa.array(values, from_pandas=True)
        for spec, values in zip(kept.numbers, numbers, strict=True)
    }
    if kept.texts:
        texts = _texts(kept.texts, begin, end, numbers[0] == RAGGED_GAP)
        if isinstance(texts, Problem):
            return RowBatch(begin, end, kept.schema.empty_table(), invalid, texts)
        arrays |= texts
    table = pa.table([arrays[name] for name in kept.schema.names], schema=kept.schema)
    return RowBatch(begin, end, table, invalid, None)


def _all_values(cells: CsvCells) -> Floats:
    return np.concatenate([np.empty(0), *(batch.copy() for batch in cells.batches())])


def _texts(
    specs: list[CsvSpec], begin: int, end: int, ragged: Bools
) -> dict[str, pa.ChunkedArray] | Problem:
    """Return the text columns of the rows from `begin` to `end`, null where a row is ragged."""
    with specs[0].source.reading() as file:
        file.seek(begin)
        data = file.read(end - begin)
    try:
        rows, left_out = _cut(specs, data)
    except pa.ArrowInvalid as error:
        return _undecodable(data, begin, specs[0].dialect.encoding) or Problem(
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
    return dict(zip((spec.column for spec in specs), rows.columns, strict=True))


def _cut(specs: list[CsvSpec], data: bytes) -> tuple[pa.Table, int]:
    """Return the text columns of all rows but the ragged ones, and how many those are."""
    # Arrow takes a UTF-8 mark at the very beginning for the file's, and drops it: not after a line.
    text = specs[0].dialect.newline.encode() + data
    try:
        return _parse(specs, text, _BLOCK_BYTES)
    except pa.ArrowInvalid:
        # A row longer than a block is an error; then all rows are one block.
        return _parse(specs, text, len(text))


def _parse(specs: list[CsvSpec], text: bytes, block_bytes: int) -> tuple[pa.Table, int]:
    dialect = specs[0].dialect
    wanted = [str(spec.byte_dialect.column) for spec in specs]
    ragged = 0

    def leave_out(_: csv.InvalidRow) -> str:
        nonlocal ragged
        ragged += 1
        return "skip"

    rows = csv.read_csv(
        pa.BufferReader(text),
        csv.ReadOptions(
            use_threads=False,
            block_size=block_bytes,
            column_names=[str(i) for i in range(specs[0].byte_dialect.fields)],
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
