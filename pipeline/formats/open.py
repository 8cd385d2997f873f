"""Opening a table: the format follows from the file's name."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.formats.compressed.file import CompressedFile
from pipeline.formats.compressed.table import CompressedTable
from pipeline.formats.csv.open import open_csv, open_csv_rows
from pipeline.formats.csv.table import CsvTable
from pipeline.formats.file import is_parquet
from pipeline.formats.files import Files
from pipeline.formats.query import ALL, Query

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pipeline.formats.read_options import ReadOptions
    from pipeline.formats.table import Table

_MOST_NAMED = 5
"""Columns that are named in a refusal."""


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
    if query.columns == (ALL,):
        query = replace(query, columns=_same_columns(paths, options), numbers_only=True)
    for path in paths:
        table, said = _open_one(path, options, query)
        tables.append(table)
        notices += [f"{path.name}: {text}" for text in said]
    named = Counter(path.resolve() for path in paths)
    twice = [(path, times) for path, times in named.items() if times > 1]
    notices += [f"{path} is named {times} times, and read as often" for path, times in twice]
    return Files(tuple(tables)), notices


def _same_columns(paths: Sequence[Path], options: ReadOptions) -> tuple[str | int, ...]:
    """Return the names, or numbers, of the columns that all files have; InputError if they differ.

    The order is that of the first file.
    """
    first, *others = (_open_one(path, options, Query((ALL,)))[0].columns for path in paths)
    for path, columns in zip(paths[1:], others, strict=True):
        if differing := sorted({*first} ^ {*columns}):
            raise InputError(
                f"{path} has other columns than {paths[0]}: only one of them has "
                f"{', '.join(map(repr, differing[:_MOST_NAMED]))}"
                f"{', …' * (len(differing) > _MOST_NAMED)}; name those to describe with --column"
            )
    return first if options.header else tuple(map(int, first))


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
