"""Writing tables of rows to one Parquet file, whose bytes depend on the rows alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow.parquet import ParquetWriter

from pipeline.atomic import atomic
from pipeline.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


def write_parquet(
    target: Path, schema: pa.Schema, tables: Iterable[pa.Table], group_rows: int
) -> None:
    """Write the rows of consecutive tables to the file `target`, compressed, pages with checksums.

    All tables have this `schema` and any number of rows; row groups have `group_rows` rows, the
    last perhaps fewer, however the rows come in tables. The file is complete under its name, or
    what was there before is untouched.

    Raises InputError when it cannot be written.
    """
    try:
        with (
            atomic(target) as stream,
            ParquetWriter(
                stream.buffer,
                schema,
                compression="zstd",
                write_statistics=_numbers(schema),
                write_page_checksum=True,
            ) as writer,
        ):
            for group in _regroup(tables, group_rows):
                writer.write_table(group)
    except OSError as error:
        raise InputError(
            f"{target} cannot be written ({error.strerror or error}); choose another place"
        ) from error


def _numbers(schema: pa.Schema) -> list[str]:
    """Return the columns of which the least and the greatest value are written.

    Those of texts that are not sorted help nobody, and take half the time of writing.
    """
    return [field.name for field in schema if pa.types.is_floating(field.type)]


def _regroup(tables: Iterable[pa.Table], size: int) -> Iterator[pa.Table]:
    """Cut the rows of consecutive tables into tables of `size` rows, the last perhaps shorter."""
    held: list[pa.Table] = []
    rows = 0
    for table in tables:
        held.append(table)
        rows += table.num_rows
        if rows < size:
            continue
        joined = pa.concat_tables(held)
        whole = rows - rows % size
        for start in range(0, whole, size):
            yield joined.slice(start, size).combine_chunks()
        held, rows = [joined.slice(whole)], rows - whole
    if rows:
        yield pa.concat_tables(held).combine_chunks()
