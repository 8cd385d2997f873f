"""Opening a table: the format follows from the file's name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.formats.compressed.file import CompressedFile
from pipeline.formats.compressed.table import CompressedTable
from pipeline.formats.csv.open import open_csv, open_csv_rows
from pipeline.formats.csv.table import CsvTable
from pipeline.formats.file import is_parquet
from pipeline.formats.files import Files
from pipeline.formats.query import ALL

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pipeline.formats.query import Query
    from pipeline.formats.read_options import ReadOptions
    from pipeline.formats.table import Table


def open_table(path: Path, options: ReadOptions) -> tuple[Table, list[str]]:
    """Look at the file at `path`; return the table, and sentences that the user should read of it.

    Raises InputError when the file cannot be read, is no table, or has no such column.
    """
    if is_parquet(path):
        # pyarrow takes a while to import: not for a CSV file.
        from pipeline.formats.parquet import open_parquet

        return open_parquet(path, options)
    table, notices = open_csv(path, options)
    source = table.spec.source
    if isinstance(source, CompressedFile):
        return CompressedTable(source, table), [*notices, *source.notices()]
    return table, notices


def open_files(
    paths: Sequence[Path], options: ReadOptions, query: Query
) -> tuple[Table, list[str]]:
    """Look at the files at `paths`, one table in that order, for what a query reads of them.

    Returns and raises as `open_table` does; the column of `options` does not count. A file that is
    named twice is read twice, and noticed.
    """
    if len(paths) == 1:
        return _open_one(paths[0], options, query)
    tables, notices = [], []
    for path in paths:
        table, said = _open_one(path, options, query)
        if query.columns == (ALL,):
            names = table.columns if options.header else tuple(map(int, table.columns))
            query = replace(query, columns=names, numbers_only=True)
        tables.append(table)
        notices += [f"{path.name}: {text}" for text in said]
    twice = [path for path in dict.fromkeys(paths) if paths.count(path) > 1]
    notices += [f"{path} is named {paths.count(path)} times, and read as often" for path in twice]
    return Files(tuple(tables)), notices


def _open_one(path: Path, options: ReadOptions, query: Query) -> tuple[Table, list[str]]:
    if query.is_simple:
        return open_table(path, replace(options, column=query.columns[0]))
    if is_parquet(path):
        from pipeline.formats.parquet_fields import open_parquet_rows

        return open_parquet_rows(path, options, query)
    rows, notices = open_csv_rows(path, options, query)
    source = rows.file.spec.source if isinstance(rows.file, CsvTable) else None
    if isinstance(source, CompressedFile):
        return CompressedTable(source, rows), [*notices, *source.notices()]
    return rows, notices
