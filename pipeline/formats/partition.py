"""A partition: a range of positions in a table, and the unit of reading."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Partition:
    """The rows that begin at a position from `start` to `stop - 1`; the last may end later.

    Positions count what the table's format counts in: bytes for CSV, row groups for Parquet.
    `certain` says that a row is known to begin at `start`; otherwise the first one is searched.
    """

    start: int
    stop: int
    certain: bool = False
