"""Opening a table: the format follows from the file's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.csv_table import open_csv

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.table import Reading, Table


def open_table(path: Path, reading: Reading) -> tuple[Table, list[str]]:
    """Look at the file's beginning; return the table and what the user should know of it.

    Raises InputError when the file cannot be read, is no table, or has no such column.
    """
    if path.suffix.lower() == ".parquet":
        # pyarrow takes a while to import: not for a CSV file.
        from pipeline.parquet import open_parquet  # noqa: PLC0415

        return open_parquet(path, reading)
    return open_csv(path, reading)
