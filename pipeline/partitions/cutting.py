"""Partitions: byte ranges that follow one another and together are the body of a file."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from pipeline.formats.partition import Partition

if TYPE_CHECKING:
    from pipeline.formats.table import Table

_TASK = 8 << 20
"""Bytes that a core reads in about twice the time that a task costs (docs/scaling.md)."""

_LARGEST = 512 << 20
"""What a Gigabit link carries in five seconds: so much is read again when a worker is lost."""

_READING = 10
_PER_CORE = 8


def split(start: int, stop: int, parts: int) -> list[Partition]:
    """Cut the positions from `start` to `stop` into `parts` equal partitions, some perhaps empty.

    The first one begins with a row.
    """
    size = stop - start
    edges = [start + size * i // parts for i in range(parts + 1)]
    return [Partition(low, high, certain=low == start) for low, high in pairwise(edges)]


def weight(table: Table) -> int:
    """Return how many bytes of the file are read for all rows of a table."""
    return table.nbytes(Partition(table.begin, table.end))


def default_blocksize(size: int, cores: int) -> int:
    """Return the bytes of a partition, for a table of `size` bytes on a cluster of `cores`.

    Some partitions a core, lest cores wait for the last one. Where the table is large they are
    smaller: the scheduler, one process, shall only take a tenth of the time that the cores read.
    """
    even = -(-size // (cores * _PER_CORE))
    cheap = _TASK * _READING * cores
    return max(_TASK, min(even, cheap, _LARGEST))
