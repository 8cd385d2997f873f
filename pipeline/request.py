"""What a user asks for, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.partitions.cutting import default_blocksize, weight

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.formats.read_options import ReadOptions
    from pipeline.formats.table import Table
    from pipeline.partitions.segment import PartitionResult
    from pipeline.statistics.result import Result

PERCENTILES = (10, 25, 50, 75, 90)
WINDOW = 500
_WHOLE = 100


@dataclass(frozen=True)
class Request:
    """All that a run depends on, but for where it runs."""

    path: Path
    reading: ReadOptions
    partitions: int | None = None
    blocksize: int | None = None
    window: int = WINDOW
    percentiles: tuple[float, ...] = PERCENTILES
    partials: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be computed."""
        if self.partitions and self.blocksize:
            raise InputError("partitions and blocksize exclude each other; give one of them")
        for name in ("partitions", "blocksize", "window"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise InputError(f"{name} must be 1 or more, not {value}")
        for percentile in self.percentiles:
            if not 0 <= percentile <= _WHOLE:
                raise InputError(f"a percentile lies between 0 and 100, not at {percentile}")

    def parts(self, table: Table, cores: int, most: int | None = None) -> int:
        """Return into how many partitions a table is cut for so many cores.

        Unless the user says otherwise, none has more than `most` bytes.
        """
        if self.partitions:
            return self.partitions
        size = weight(table)
        usual = default_blocksize(size, cores)
        return -(-size // (self.blocksize or min(usual, most or usual))) or 1


@dataclass(frozen=True)
class Outcome:
    """The result of a run, and that of each partition where it was asked for."""

    result: Result
    partials: tuple[PartitionResult, ...]
