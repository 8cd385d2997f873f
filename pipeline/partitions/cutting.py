"""Cutting: partitions that follow one another and together are all rows of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.formats.partition import Partition

if TYPE_CHECKING:
    from pipeline.formats.table import Table

_MIN_BLOCKSIZE = 8 << 20
"""Bytes that a core reads in about twice the time that a task costs (docs/scaling.md)."""

_MAX_BLOCKSIZE = 512 << 20
"""What a Gigabit link carries in five seconds: so much is read again when a worker is lost."""

_READING_PER_SCHEDULING = 10
_PARTITIONS_PER_CORE = 8


@dataclass(frozen=True)
class Partitioning:
    """How the user wants a table cut: into `partitions` parts, or into parts of `blocksize` bytes.

    With neither, the number follows from the table's size and the cores. Raises InputError when
    both are given, or one is less than 1.
    """

    partitions: int | None = None
    blocksize: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be done."""
        if self.partitions and self.blocksize:
            raise InputError("partitions and blocksize exclude each other; give one of them")
        for name in ("partitions", "blocksize"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise InputError(f"{name} must be 1 or more, not {value}")

    def of(self, table: Table, cores: int, largest: int | None = None) -> list[Partition]:
        """Return the partitions of a table for so many cores.

        Unless the user says otherwise, none has more than `largest` bytes.
        """
        parts = self.partitions
        if not parts:
            size = total_nbytes(table)
            usual = default_blocksize(size, cores)
            parts = -(-size // (self.blocksize or min(usual, largest or usual))) or 1
        return table.split(parts)


def total_nbytes(table: Table) -> int:
    """Return how many bytes of the file are read for all rows of a table."""
    return table.nbytes(Partition(table.begin, table.end))


def default_blocksize(size: int, cores: int) -> int:
    """Return the bytes of a partition, for a table of `size` bytes on a cluster of `cores`.

    Each core gets several partitions, so that none waits long for the last one to end. In a large
    table it gets more and smaller ones: no larger than is enough for the scheduler, which is one
    process, to take at most a tenth of the time that the cores read.
    """
    even = -(-size // (cores * _PARTITIONS_PER_CORE))
    cheap = _MIN_BLOCKSIZE * _READING_PER_SCHEDULING * cores
    return max(_MIN_BLOCKSIZE, min(even, cheap, _MAX_BLOCKSIZE))
