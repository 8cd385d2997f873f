"""What the footer of a Parquet file tells, and how its row groups are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow.parquet import ParquetFile

from pipeline.errors import InputError, cause
from pipeline.formats.csv.dialect import DialectOptions
from pipeline.formats.file import SourceFile, first_look
from pipeline.formats.table import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO
    from pathlib import Path

    from pipeline.formats.read_options import ReadOptions

_BATCH_ROWS = 1 << 17
_BUFFER_BYTES = 1 << 20


@dataclass(frozen=True)
class Footer:
    """What the footer of a file tells."""

    source: SourceFile
    schema: pa.Schema
    groups: int
    rows: int
    columns: int


def look(path: Path, options: ReadOptions) -> Footer:
    """Look at the footer of the file at `path`.

    Raises InputError when the file cannot be read or is no Parquet file, and for options that only
    a CSV file can have.
    """
    name = str(path)
    _refuse_csv_options(name, options)
    remedy = f"make it of a CSV file with: python -m pipeline.convert FILE.csv {path}"
    with first_look(path, remedy) as file:
        source = SourceFile.of(path, file)
        reader = reader_of(path, file)
        metadata = reader.metadata
        schema = reader.schema_arrow
    in_groups = sum(metadata.row_group(i).num_rows for i in range(metadata.num_row_groups))
    if in_groups != metadata.num_rows:
        raise InputError(
            f"{name} has {metadata.num_rows:,} rows as its footer says, and {in_groups:,} in its "
            "row groups; is the file damaged?"
        )
    return Footer(source, schema, metadata.num_row_groups, metadata.num_rows, metadata.num_columns)


def _refuse_csv_options(name: str, options: ReadOptions) -> None:
    given = [
        option
        for option, value, default in (
            ("--no-header", options.header, True),
            ("--delimiter", options.dialect.delimiter, None),
            ("--decimal", options.dialect.decimal, DialectOptions.decimal),
            ("--quote", options.dialect.quote, DialectOptions.quote),
            ("--encoding", options.dialect.encoding, DialectOptions.encoding),
            ("--skip-lines", options.skip_lines, 0),
        )
        if value != default
    ]
    if given:
        raise InputError(
            f"{name} is read as Parquet, where {', '.join(given)} has no meaning; leave that out, "
            "or give the file another suffix if it is a CSV file"
        )


def reader_of(path: Path, file: FileIO) -> ParquetFile:
    """Return a reader that streams column chunks, not options them ahead as a whole."""
    try:
        return ParquetFile(
            file, pre_buffer=False, buffer_size=_BUFFER_BYTES, page_checksum_verification=True
        )
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} has a column whose name is not UTF-8 ({cause(error)}); is the file damaged, "
            "or should the column be renamed?"
        ) from error
    except (pa.ArrowException, OSError) as error:
        if getattr(error, "errno", None):
            raise
        raise InputError(
            f"{path} is no Parquet file, or is cut off ({cause(error)}); is its copy complete?"
        ) from error


def read_batches(reader: ParquetFile, group: int, columns: list[str]) -> Iterator[pa.RecordBatch]:
    """Return the columns of a row group, batch by batch."""
    batches: Iterator[pa.RecordBatch] = reader.iter_batches(
        batch_size=_BATCH_ROWS, row_groups=[group], columns=columns, use_threads=False
    )
    return batches


def unreadable(group: int, error: Exception) -> Problem:
    """Return the problem of a row group that pyarrow cannot read, or not as exact float64."""
    return Problem(
        group,
        f"cannot be read as float64: {cause(error)}; is the file damaged, or a number none that "
        "float64 holds exactly?",
    )


def is_number(kind: pa.DataType) -> bool:
    """Whether a column of a type holds numbers that float64 can hold."""
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))
