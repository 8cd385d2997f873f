"""A Parquet file: one column of it, with row groups for positions.

A cell is a number, null or NaN (both missing), or infinite (invalid, as it is in a CSV file).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import pyarrow as pa
from pyarrow.parquet import ParquetFile

from pipeline.errors import InputError
from pipeline.formats.csv.dialect import DialectOptions
from pipeline.formats.header import find, find_number
from pipeline.formats.missing import missing
from pipeline.formats.table import Identity, Problem, open_same

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from pipeline.formats.partition import Partition
    from pipeline.formats.table import ReadOptions
    from pipeline.numeric.arrays import Bools, Floats

_BATCH = 1 << 17
_BUFFER = 1 << 20


@dataclass(frozen=True)
class ParquetTable:
    """One column of one Parquet file, and all that a worker needs to read any part of it.

    `end` is the number of row groups; `weight` the column's bytes in the file, compressed.
    """

    path: Path
    size: int
    mtime_ns: int
    column: str
    end: int
    weight: int
    absent: tuple[float, ...]
    skip_invalid: bool

    @property
    def begin(self) -> int:
        """The position of the first row: positions in a Parquet file are row groups."""
        return 0

    def nbytes(self, partition: Partition) -> int:
        """Return how many bytes a partition reads, if all row groups are equally large."""
        groups = self.end or 1
        return self.weight * partition.stop // groups - self.weight * partition.start // groups

    def read(self, partition: Partition) -> ParquetCells:
        """Return the column's cells in a partition, to be read."""
        return ParquetCells(self, partition)

    def open(self) -> BinaryIO:
        """Open the file; refuse it when it is not the one that was looked at."""
        return open_same(self.path, self.size, self.mtime_ns)

    def sentence(self, problem: Problem) -> str:
        """Return the refusal of a row: where it stands, and why."""
        return f"{self.path}: row group {problem.offset + 1} {problem.reason}"


class ParquetCells:
    """The cells of a Parquet file's column in some row groups: see `formats.table.Cells`."""

    def __init__(self, table: ParquetTable, partition: Partition) -> None:
        """Take note of what is to be read."""
        self._table = table
        self._groups = range(partition.start, partition.stop)
        self.missing = 0
        self.invalid = 0
        self.begin = partition.start if self._groups else None
        self.end = partition.stop if self._groups else None
        self.problem: Problem | None = None

    def batches(self) -> Iterator[Floats]:
        """Yield the valid values in file order."""
        if not self._groups:
            return
        with self._table.open() as file:
            reader = _reader(self._table.path, file)
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
            self.problem = Problem(group, f"has {rows:,} rows, not {promised:,} as its footer says")

    def _arrays(self, reader: ParquetFile, group: int) -> Iterator[pa.DoubleArray]:
        """Yield the cells of a row group as float64."""
        column = self._table.column
        batches = reader.iter_batches(
            batch_size=_BATCH, row_groups=[group], columns=[column], use_threads=False
        )
        try:
            for batch in batches:
                yield batch.column(column).cast(pa.float64())
        except (pa.ArrowException, OSError) as error:
            if getattr(error, "errno", None):
                raise
            self.problem = Problem(group, f"cannot be read as float64: {_cause(error)}")

    def _valid(self, cells: Floats, infinite: Bools) -> Floats:
        """Return the valid values among the cells; count the others."""
        gaps = np.isnan(cells)
        for number in self._table.absent:
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


def open_parquet(path: Path, reading: ReadOptions) -> tuple[ParquetTable, list[str]]:
    """Look at the file's footer; return the table and what the user should know of it.

    Raises InputError when the file cannot be read, is no Parquet file, has no such column or one
    that is no numbers, and for options that only a CSV file can have.
    """
    name = str(path)
    _refuse_csv_options(name, reading)
    identity = _identity(path)
    with open_same(path, identity.size, identity.mtime_ns) as file:
        reader = _reader(path, file)
        metadata, schema = reader.metadata, reader.schema_arrow
    column = schema.names[_find(name, schema.names, reading.column)]
    if not _is_number(schema.field(column).type):
        raise InputError(
            f"{name} has {schema.field(column).type} in column {column!r}, not numbers that "
            "float64 holds exactly; store the column as float64"
        )
    table = ParquetTable(
        path=path,
        size=identity.size,
        mtime_ns=identity.mtime_ns,
        column=column,
        end=metadata.num_row_groups,
        weight=_weight(metadata, column),
        absent=missing(reading.missing)[1],
        skip_invalid=reading.on_invalid == "skip",
    )
    return table, _notices(table, reading, metadata.num_rows)


def _refuse_csv_options(name: str, reading: ReadOptions) -> None:
    given = [
        option
        for option, value, default in (
            ("--no-header", reading.header, True),
            ("--delimiter", reading.marks.delimiter, None),
            ("--decimal", reading.marks.decimal, DialectOptions.decimal),
            ("--quote", reading.marks.quote, DialectOptions.quote),
            ("--encoding", reading.marks.encoding, DialectOptions.encoding),
            ("--skip-lines", reading.skip_lines, 0),
        )
        if value != default
    ]
    if given:
        raise InputError(
            f"{name} is read as Parquet, where {', '.join(given)} can mean nothing: leave "
            "that out, or give the file another suffix if it is a CSV file"
        )


def _identity(path: Path) -> Identity:
    try:
        return Identity.of(path)
    except FileNotFoundError:
        raise InputError(
            f"{path} is not there; make it of a CSV file with: "
            f"python -m pipeline.convert FILE.csv {path}"
        ) from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error


def _reader(path: Path, file: BinaryIO) -> ParquetFile:
    """Return a reader that streams column chunks, not reading them ahead as a whole."""
    try:
        return ParquetFile(
            file, pre_buffer=False, buffer_size=_BUFFER, page_checksum_verification=True
        )
    except (pa.ArrowException, OSError) as error:
        if getattr(error, "errno", None):
            raise
        raise InputError(
            f"{path} is no Parquet file, or is cut off ({_cause(error)}); is its copy complete?"
        ) from error


def _find(name: str, columns: list[str], wanted: str | int) -> int:
    if isinstance(wanted, int):
        return find_number(name, columns, wanted)
    return find(name, columns, wanted, "rename one of them")


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _weight(metadata: pa.parquet.FileMetaData, column: str) -> int:
    paths = [metadata.schema.column(i).path for i in range(metadata.num_columns)]
    leaf = paths.index(column)
    groups = (metadata.row_group(i) for i in range(metadata.num_row_groups))
    return sum(group.column(leaf).total_compressed_size for group in groups)


def _notices(table: ParquetTable, reading: ReadOptions, rows: int) -> list[str]:
    notices = []
    if isinstance(reading.column, str) and table.column != reading.column:
        notices.append(f"column {table.column!r} taken for {reading.column!r}")
    if not rows:
        notices.append("the file has no rows")
    return notices


def _cause(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".")
