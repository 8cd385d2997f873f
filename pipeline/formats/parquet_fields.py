"""Some columns of a Parquet file as fields: numbers as they are, all else as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from pipeline.errors import InputError
from pipeline.formats.bind import Header, bind
from pipeline.formats.fields import Fields
from pipeline.formats.header import find_column
from pipeline.formats.parquet import ParquetTable, column_table
from pipeline.formats.parquet_footer import (
    is_number,
    look,
    read_batches,
    reader_of,
    unreadable,
)
from pipeline.formats.selected import SelectedTable
from pipeline.formats.selection import Numbers
from pipeline.formats.table import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pyarrow.parquet import ParquetFile

    from pipeline.formats.partition import Partition
    from pipeline.formats.query import Query
    from pipeline.formats.read_options import ReadOptions
    from pipeline.formats.rejects import RejectLog
    from pipeline.numeric.arrays import Floats

_PADDING = 8


class Refusals:
    """How a row of a Parquet file is refused: see `formats.selection.Refusals`."""

    def not_a_number(self, text: bytes, column: str) -> str:
        """Return why a row is refused in which a column's cell is `text`."""
        return (
            f"has {text.decode()} in column {column!r}, which is no finite number; "
            "--on-invalid skip leaves such cells out"
        )


@dataclass(frozen=True)
class ParquetFieldTable(ParquetTable):
    """A Parquet file of which fields can be read: see `formats.selected.FieldTable`.

    `names` are those of its columns, `numbers` those of them that are read as numbers.
    """

    names: tuple[str, ...] = ()
    numbers: frozenset[str] = frozenset()

    def fields(
        self,
        columns: tuple[int, ...],
        partition: Partition,
        log: RejectLog,  # noqa: ARG002 - a row of a Parquet file has all its fields
    ) -> ParquetFields:
        """Return what reads the columns with these indices out of a partition.

        The `log` stays empty.
        """
        return ParquetFields(self, [self.names[index] for index in columns], partition)


class ParquetFields:
    """The fields of some row groups: see `formats.fields.FieldReader`. Rows are counted from 1."""

    ragged = 0

    def __init__(self, table: ParquetFieldTable, columns: list[str], partition: Partition) -> None:
        """Prepare to read the `columns` of a partition; nothing is opened yet."""
        self._table = table
        self._columns = columns
        self._groups = range(partition.start, partition.stop)
        self._group = partition.start
        self.begin = partition.start if self._groups else None
        self.end = partition.stop if self._groups else None
        self.problem: Problem | None = None

    def batches(self) -> Iterator[Fields]:
        """Yield the rows in file order."""
        if not self._groups:
            return
        with self._table.source.reading() as file:
            reader = reader_of(self._table.path, file)
            metadata = reader.metadata
            row = 1 + sum(metadata.row_group(i).num_rows for i in range(self._groups.start))
            for group in self._groups:
                self._group, before = group, row
                for fields in self._batches(reader, row):
                    yield fields
                    row += len(fields)
                promised = metadata.row_group(self._group).num_rows
                if row - before != promised and not self.problem:
                    self.problem = Problem(
                        self._group,
                        f"has {row - before:,} rows, not {promised:,} as its footer says; is the "
                        "file damaged?",
                    )
                if self.problem:
                    return

    def problem_at(self, row: int, reason: str) -> Problem:
        """Return the problem of a row of the file."""
        return Problem(self._group, f"(row {row:,} of the file) {reason}")

    def _batches(self, reader: ParquetFile, row: int) -> Iterator[Fields]:
        try:
            for batch in read_batches(reader, self._group, self._columns):
                yield self._fields(batch, row)
                row += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            if getattr(error, "errno", None):
                raise
            self.problem = unreadable(self._group, error)

    def _fields(self, batch: pa.RecordBatch, row: int) -> Fields:
        """Return a batch, whose first row is number `row`, as fields."""
        starts = np.zeros((len(self._columns), batch.num_rows), np.int64)
        ends = np.zeros_like(starts)
        numbers: dict[int, Floats] = {}
        texts, size = [], 0
        for place, name in enumerate(self._columns):
            column = batch.column(name)
            if name in self._table.numbers:
                numbers[place] = _floats(column)
            text = column.cast(pa.large_string()).fill_null("").cast(pa.large_binary())
            offsets = np.frombuffer(text.buffers()[1], np.int64)[text.offset :][: len(text) + 1]
            data = text.buffers()[2]
            if data is not None and offsets[-1] > offsets[0]:
                part = np.frombuffer(data, np.uint8)[offsets[0] : offsets[-1]]
                starts[place] = offsets[:-1] - offsets[0] + size
                ends[place] = offsets[1:] - offsets[0] + size
                texts.append(part)
                size += part.size
        whole = np.concatenate([*texts, np.zeros(_PADDING, np.uint8)])
        _strip(whole, starts, ends)
        return Fields(whole, starts, ends, np.arange(row, row + batch.num_rows), numbers)


def _strip(data: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> None:
    """Move the bounds of fields past outer blanks, in place."""
    while True:
        blank = (starts < ends) & np.isin(data[np.minimum(starts, data.size - 1)], (32, 9))
        if not blank.any():
            break
        starts += blank
    while True:
        blank = (starts < ends) & np.isin(data[np.maximum(ends - 1, 0)], (32, 9))
        if not blank.any():
            break
        ends -= blank


def _floats(column: pa.Array) -> Floats:
    """Return numbers as float64, NaN where they are null."""
    values: Floats = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return values


def open_parquet_rows(
    path: Path, options: ReadOptions, query: Query
) -> tuple[SelectedTable, list[str]]:
    """Look at the footer of the file at `path` for what a query reads of it.

    Returns and raises as `open_parquet` does; the column of `options` does not count.
    """
    footer = look(path, options)
    names, notices = tuple(footer.schema.names), list[str]()

    def find(wanted: str | int) -> int:
        index = find_column(str(path), names, wanted, "rename one of them")
        if names.count(names[index]) > 1:
            find_column(str(path), names, names[index], "rename one of them")
        if isinstance(wanted, str) and names[index] != wanted:
            notices.append(f"column {names[index]!r} taken for {wanted!r}")
        return index

    table = column_table(footer, names[0] if names else "", options)
    cells = Numbers(".", b"", table.missing_values)
    header = Header(path.name, names, find, "utf-8")
    skip = options.on_invalid == "skip"
    fields, selection = bind(query, header, cells, Refusals(), skip_invalid=skip)
    places = {*selection.numbers, *(place for place, _ in selection.comparisons)}
    numbers = {names[fields[place]] for place in places}
    if query.leaves_out:
        numbers = {name for name in numbers if is_number(footer.schema.field(name).type)}
    for name in numbers:
        if not is_number(footer.schema.field(name).type):
            raise InputError(
                f"{path} has {footer.schema.field(name).type} in column {name!r}, not numbers that "
                "float64 holds exactly; store the column as float64"
            )
    whole = ParquetFieldTable(
        table.source,
        table.column,
        table.end,
        table.column_bytes * len(fields),
        table.missing_values,
        table.skip_invalid,
        names,
        frozenset(numbers),
    )
    keys = tuple(key.name for key in query.by)
    return SelectedTable(whole, fields, selection, keys), list(dict.fromkeys(notices))
