"""One column of a Parquet file as a table: its positions are row groups.

A cell is a number, null or NaN (both missing), or infinite (invalid, as it is in a CSV file).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import pyarrow as pa

from pipeline.errors import InputError
from pipeline.formats.column import ColumnTable
from pipeline.formats.header import find_column
from pipeline.formats.missing import find_missing
from pipeline.formats.parquet_footer import (
    is_number,
    look,
    read_batches,
    reader_of,
    unreadable,
)
from pipeline.formats.table import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pyarrow.parquet import ParquetFile

    from pipeline.formats.file import SourceFile
    from pipeline.formats.parquet_footer import Footer
    from pipeline.formats.partition import Partition
    from pipeline.formats.read_options import ReadOptions
    from pipeline.numeric.arrays import Bools, Floats


@dataclass(frozen=True)
class ParquetTable(ColumnTable):
    """One column of one Parquet file: see `formats.table.Table`.

    Fields:
        source: the file as it was when its footer was read.
        column: the column's name in the file.
        end: the position behind the last row: how many row groups there are.
        column_bytes: the column's bytes in the file, if all columns are equally large.
        missing_values: the numbers that stand for a missing cell.
        skip_invalid: whether infinite cells are counted and left out; else they are refused.

    """

    source: SourceFile
    column: str
    end: int
    column_bytes: int
    missing_values: tuple[float, ...]
    skip_invalid: bool

    @property
    def path(self) -> Path:
        """Where the file is, on every machine."""
        return self.source.path

    @property
    def size(self) -> int:
        """The file's size in bytes."""
        return self.source.size

    @property
    def begin(self) -> int:
        """The position of the first row: the first row group."""
        return 0

    def nbytes(self, partition: Partition) -> int:
        """Return how many bytes a partition reads, if row groups and columns are equally large."""
        groups = self.end or 1
        before, after = (
            self.column_bytes * at // groups for at in (partition.start, partition.stop)
        )
        return after - before

    def read(self, partition: Partition) -> ParquetCells:
        """Return the column's cells in a partition; nothing is opened before they are asked for."""
        return ParquetCells(self, partition)

    def verify(self) -> None:
        """Raise InputError when the file is not what it was at the first look."""
        self.source.verify()

    def sentence(self, problem: Problem) -> str:
        """Return the refusal of a row group: file, place in the file, reason, what to try."""
        self.verify()
        return f"{self.path}: row group {problem.offset + 1} {problem.reason}"


class ParquetCells:
    """The cells of a Parquet file's column in some row groups: see `formats.table.Cells`."""

    def __init__(self, table: ParquetTable, partition: Partition) -> None:
        """Prepare to read a partition; nothing is opened yet."""
        self._table = table
        self._groups = range(partition.start, partition.stop)
        self.missing = 0
        self.invalid = 0
        self.begin = partition.start if self._groups else None
        self.end = partition.stop if self._groups else None
        self.problem: Problem | None = None

    def batches(self) -> Iterator[Floats]:
        """Yield the valid values in file order, float64 of shape (n,).

        Raises InputError when the file has changed, OSError when it cannot be read.
        """
        if not self._groups:
            return
        with self._table.source.reading() as file:
            reader = reader_of(self._table.path, file)
            for group in self._groups:
                yield from self._group(reader, group)
                if self.problem:
                    return

    def _group(self, reader: ParquetFile, group: int) -> Iterator[Floats]:
        """Yield the valid values of a row group."""
        rows = 0
        for column in self._arrays(reader, group):
            # Of the ways from Arrow to NumPy, those that know nulls import pandas.
            cells = cast("Floats", np.from_dlpack(column.drop_null()))
            infinite = np.isinf(cells)
            if infinite.any() and not self._table.skip_invalid:
                before = sum(reader.metadata.row_group(i).num_rows for i in range(group))
                self.problem = Problem(group, self._infinite(column, before + rows))
                return
            self.missing += column.null_count
            yield self._valid(cells, infinite)
            rows += len(column)
        promised = reader.metadata.row_group(group).num_rows
        if rows != promised and not self.problem:
            self.problem = Problem(
                group,
                f"has {rows:,} rows, not {promised:,} as its footer says; is the file damaged?",
            )

    def _arrays(self, reader: ParquetFile, group: int) -> Iterator[pa.DoubleArray]:
        """Yield the cells of a row group as float64."""
        column = self._table.column
        try:
            for batch in read_batches(reader, group, [column]):
                yield batch.column(column).cast(pa.float64())
        except (pa.ArrowException, OSError) as error:
            if getattr(error, "errno", None):
                raise
            self.problem = unreadable(group, error)

    def _valid(self, cells: Floats, infinite: Bools) -> Floats:
        """Return the valid values among the cells; count the others."""
        gaps = np.isnan(cells)
        for number in self._table.missing_values:
            gaps |= cells == number
        self.missing += int(np.count_nonzero(gaps))
        self.invalid += int(np.count_nonzero(infinite))
        return cells[~(gaps | infinite)]

    def _infinite(self, column: pa.DoubleArray, rows: int) -> str:
        """Return why a column that comes after `rows` rows is refused."""
        cells = column.to_numpy(zero_copy_only=False)
        row = int(np.argmax(np.isinf(cells)))
        return (
            f"has {cells[row]} in column {self._table.column!r}, row {rows + row + 1:,} of the "
            "file, which is no finite number; --on-invalid skip leaves such cells out"
        )


def column_table(footer: Footer, column: str, options: ReadOptions) -> ParquetTable:
    """Return a `column` of the file with this `footer` as a table, read as the `options` say."""
    return ParquetTable(
        source=footer.source,
        column=column,
        end=footer.groups,
        # A column's own size stands in its chunks' metadata, where pyarrow ends the process if
        # they are damaged (`RowGroupMetaData.column`): they are not looked at here.
        column_bytes=footer.source.size // max(1, footer.columns),
        missing_values=find_missing(options.missing).values,
        skip_invalid=options.on_invalid == "skip",
    )


def open_parquet(path: Path, options: ReadOptions) -> tuple[ParquetTable, list[str]]:
    """Look at the footer of the file at `path`; return the table, and sentences for the user.

    Raises InputError as `look` does, and when the file has no such column or one that is no
    numbers.
    """
    name, footer = str(path), look(path, options)
    names, schema = footer.schema.names, footer.schema
    index = find_column(name, names, options.column, "rename one of them")
    column = names[index]
    if names.count(column) > 1:
        find_column(name, names, column, "rename one of them, since pages are found by name")
    if not is_number(schema.field(column).type):
        raise InputError(
            f"{name} has {schema.field(column).type} in column {column!r}, not numbers that "
            "float64 holds exactly; store the column as float64"
        )
    table = column_table(footer, column, options)
    return table, _notices(table, options, footer.rows)


def _notices(table: ParquetTable, options: ReadOptions, rows: int) -> list[str]:
    notices = []
    if isinstance(options.column, str) and table.column != options.column:
        notices.append(f"column {table.column!r} taken for {options.column!r}")
    if not rows:
        notices.append("the file has no rows")
    return notices
