"""Partitions: byte ranges that follow one another and together are the body of a file."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

_SMALLEST = 4 << 20
_LARGEST = 64 << 20
_PER_CORE = 4


@dataclass(frozen=True)
class Partition:
    """The rows that begin at a byte from `start` to `stop - 1`; they may end later.

    `certain` says that a row is known to begin at `start`; otherwise the first one is searched.
    """

    start: int
    stop: int
    certain: bool = False


def split(start: int, stop: int, parts: int) -> list[Partition]:
    """Cut the positions from `start` to `stop` into `parts` equal partitions, some perhaps empty.

    The first one begins with a row.
    """
    size = stop - start
    edges = [start + size * i // parts for i in range(parts + 1)]
    return [Partition(low, high, certain=low == start) for low, high in pairwise(edges)]


def default_blocksize(size: int, cores: int) -> int:
    """Return the bytes of a partition: a few partitions a core, neither tiny nor huge."""
    return min(_LARGEST, max(_SMALLEST, -(-size // (cores * _PER_CORE))))
