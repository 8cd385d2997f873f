"""Stretches: where a table is cut for its profile, whatever its partitions are."""

from __future__ import annotations

from bisect import bisect_right
from operator import attrgetter
from typing import TYPE_CHECKING

from pipeline.partitions.cutting import total_nbytes
from pipeline.statistics.profile import MOST_STRETCHES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.formats.partition import Partition
    from pipeline.formats.table import Table

_LEAST_BYTES = 1 << 12
"""Bytes of a stretch: opening a file for fewer takes longer than reading them."""


def stretches(table: Table) -> list[Partition]:
    """Return the stretches of a table, in order."""
    return table.split(max(1, min(MOST_STRETCHES, total_nbytes(table) // _LEAST_BYTES)))


def parts_in(partition: Partition, stretches: list[Partition]) -> Iterator[tuple[int, int, int]]:
    """Yield number, start and stop of each part of a stretch that lies in a partition, in order."""
    first = bisect_right(stretches, partition.start, key=attrgetter("stop"))
    for i, stretch in enumerate(stretches[first:], first):
        if stretch.start >= partition.stop:
            break
        start, stop = max(stretch.start, partition.start), min(stretch.stop, partition.stop)
        if start < stop:
            yield i, start, stop
