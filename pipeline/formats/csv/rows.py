"""Whole rows of a CSV file: a partition in, an Arrow table out. Each row is split once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from pipeline.formats.cell_kernels import gather
from pipeline.formats.csv.fields import CsvFields
from pipeline.formats.rejects import RejectLog
from pipeline.formats.selection import Numbers, RefusedError
from pipeline.formats.table import Problem

if TYPE_CHECKING:
    from pipeline.formats.csv.spec import CsvSpec
    from pipeline.formats.fields import Fields
    from pipeline.formats.partition import Partition
    from pipeline.numeric.arrays import Bytes, Floats, Integers

RAGGED = -np.inf
"""What stands in place of a number in a row with too few or too many fields."""

_LEADING_BITS, _CONTINUATION = 0xC0, 0x80
"""A byte of UTF-8 that does not begin a character begins with these two bits."""

_ROOM = 8
"""Bytes that `gather` needs behind the texts."""


@dataclass(frozen=True)
class Selection:
    """The columns of one CSV file that are kept, in order.

    `are_numbers` says of each whether it is kept as float64, else as text.
    """

    columns: tuple[CsvSpec, ...]
    are_numbers: tuple[bool, ...]

    @cached_property
    def schema(self) -> pa.Schema:
        """The names and types of the columns."""
        return pa.schema(
            (spec.column, pa.float64() if is_number else pa.string())
            for spec, is_number in zip(self.columns, self.are_numbers, strict=True)
        )

    @property
    def indices(self) -> list[int]:
        """The place in the file of each column."""
        return [spec.byte_dialect.column for spec in self.columns]


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
    any_column, order = kept.columns[0], sorted(kept.indices)
    texts = [
        index
        for index, is_number in zip(kept.indices, kept.are_numbers, strict=True)
        if not is_number
    ]
    log = RejectLog("", "utf-8", 0)
    reader = CsvFields(any_column, tuple(order), partition, log, texts=texts, all_rows=True)
    batches, invalid, problem = list[pa.RecordBatch](), 0, None
    rows = _Rows(kept, [order.index(index) for index in kept.indices])
    try:
        for fields in reader.batches():
            batches.append(rows.of(fields))
            invalid += rows.invalid_in(batches[-1])
    except RefusedError as refused:
        problem = reader.problem_at(refused.row, refused.reason)
    problem = problem or reader.problem
    table = pa.Table.from_batches([] if problem else batches, schema=kept.schema)
    return RowBatch(reader.begin, reader.end, table, invalid, problem)


class _Rows:
    """Makes Arrow's rows of fields, whose `places` in them are those of the kept columns."""

    def __init__(self, kept: Selection, places: list[int]) -> None:
        spec = kept.columns[0]
        self._kept = kept
        self._places = places
        self._encoding = spec.dialect.encoding
        self._numbers = Numbers(spec.dialect.decimal, spec.missing_tokens, spec.missing_values)

    def of(self, fields: Fields) -> pa.RecordBatch:
        """Return the rows. Raises RefusedError for the first that cannot be kept."""
        arrays, refusals = [], list[RefusedError]()
        for spec, place, is_number in zip(
            self._kept.columns, self._places, self._kept.are_numbers, strict=True
        ):
            try:
                make = self._number_array if is_number else self._text_array
                arrays.append(make(fields, place, spec))
            except RefusedError as refused:
                refusals.append(refused)
        if refusals:
            raise min(refusals, key=lambda refused: refused.row)
        return pa.RecordBatch.from_arrays(arrays, schema=self._kept.schema)

    def invalid_in(self, rows: pa.RecordBatch) -> int:
        """Return how many of the numbers are none."""
        columns = zip(rows.columns, self._kept.are_numbers, strict=True)
        return sum(
            int(np.isinf(column.to_numpy(zero_copy_only=False)).sum())
            for column, is_number in columns
            if is_number
        )

    def _number_array(self, fields: Fields, place: int, spec: CsvSpec) -> pa.Array:
        def refuse(row: int, text: bytes) -> None:
            if not spec.skip_invalid:
                raise RefusedError(int(fields.rows[row]), spec.not_a_number(text))

        values: Floats = self._numbers.of(fields, place, refuse)
        values[list(fields.ragged)] = RAGGED
        return pa.array(values, from_pandas=True)

    def _text_array(self, fields: Fields, place: int, _: CsvSpec) -> pa.Array:
        starts, ends = fields.starts[place], fields.ends[place]
        offsets: Integers = np.empty(len(fields) + 1, np.int32)
        text = np.empty(int((ends - starts).sum()) + _ROOM, np.uint8)
        plain = gather(fields.data, starts, ends, text, offsets) or (
            self._encoding == "utf-8" and _are_utf8(text, offsets)
        )
        valid = None
        if fields.ragged:
            there = np.ones(len(fields), np.bool_)
            there[list(fields.ragged)] = False
            valid = pa.py_buffer(np.packbits(there, bitorder="little"))
        cells = pa.BinaryArray.from_buffers(
            pa.binary(), len(fields), [valid, pa.py_buffer(offsets), pa.py_buffer(text)]
        )
        return cells.view(pa.string()) if plain else self._decoded(fields, cells)

    def _decoded(self, fields: Fields, cells: pa.BinaryArray) -> pa.StringArray:
        """Return texts in UTF-8. Raises RefusedError where they are not of the file's encoding."""
        texts = list[str | None]()
        for row, cell in enumerate(cells.to_pylist()):
            try:
                texts.append(None if cell is None else cell.decode(self._encoding))
            except UnicodeDecodeError:
                raise RefusedError(
                    int(fields.rows[row]),
                    f"holds bytes that are not {self._encoding}; is it another --encoding, such "
                    "as latin-1?",
                ) from None
        return pa.array(texts, pa.string())


def _are_utf8(text: Bytes, offsets: Integers) -> bool:
    """Whether each of the texts between `offsets` is UTF-8: all are, and none begins within one."""
    try:
        str(text[: offsets[-1]].data, "utf-8")
    except UnicodeDecodeError:
        return False
    begins = offsets[:-1][offsets[1:] > offsets[:-1]]
    return not (text[begins] & _LEADING_BITS == _CONTINUATION).any()
