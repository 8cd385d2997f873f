"""Opening a table: the format follows from the file's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.formats.csv.open import open_csv
from pipeline.formats.file import is_parquet

if TYPE_CHECKING:
    from pathlib import Path

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
    return open_csv(path, options)
