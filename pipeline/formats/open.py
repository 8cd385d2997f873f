"""Opening a table: the format follows from the file's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.formats.csv.table import open_csv

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.formats.table import ReadOptions, Table


def open_table(path: Path, reading: ReadOptions) -> tuple[Table, list[str]]:
    """Look at the file's beginning; return the table and what the user should know of it.

    Raises InputError when the file cannot be read, is no table, or has no such column.
    """
    _refuse_no_file(path)
    if path.suffix.lower() == ".parquet":
        # pyarrow takes a while to import: not for a CSV file.
        from pipeline.formats.parquet import open_parquet

        return open_parquet(path, reading)
    return open_csv(path, reading)


def _refuse_no_file(path: Path) -> None:
    """Refuse a folder, and a pipe or a device before opening it waits for ever."""
    try:
        if path.is_dir():
            raise InputError(f"{path} is a folder; name the file in it")
        if path.exists() and not path.is_file():
            raise InputError(f"{path} is no regular file but a pipe or a device; copy it to a file")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
