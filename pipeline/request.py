"""What a user asks for, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.partitions.cutting import Partitioning
from pipeline.statistics.options import StatisticsOptions

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.formats.read_options import ReadOptions
    from pipeline.partitions.segment import PartitionResult
    from pipeline.statistics.result import Result


@dataclass(frozen=True)
class Request:
    """All that a run depends on, but for where it runs.

    path: the file, under the same path on every machine.
    reading: the column, and how the file is read.
    partitioning: how the file is cut; the result does not depend on it.
    options: which statistics are computed.
    partials: whether those of each partition alone are wanted, too.
    """

    path: Path
    reading: ReadOptions
    partitioning: Partitioning = field(default_factory=Partitioning)
    options: StatisticsOptions = field(default_factory=StatisticsOptions)
    partials: bool = False


@dataclass(frozen=True)
class Outcome:
    """The result of a run, and that of each partition where it was asked for."""

    result: Result
    partials: tuple[PartitionResult, ...]
