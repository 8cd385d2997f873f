"""A partition: a range of positions in a table, and the unit of reading."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Partition:
    """The rows that begin at a position from `start` to `stop - 1`; the last may end later.

    Positions count what the table's format counts in: bytes for CSV, row groups for Parquet.
    `certain` says that a row is known to begin at `start`; otherwise the first one is searched.
    """

    start: int
    stop: int
    certain: bool = False


def cut(start: int, stop: int, parts: int) -> list[Partition]:
    """Cut the positions from `start` to `stop` into `parts` equal partitions, some perhaps empty.

    The first one begins with a row.
    """
    size = stop - start
    bounds = [start + size * i // parts for i in range(parts + 1)]
    return [Partition(low, high, certain=low == start) for low, high in pairwise(bounds)]
