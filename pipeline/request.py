"""What a user asks for, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.formats.read_options import ReadOptions
from pipeline.partitions.cutting import Partitioning
from pipeline.statistics.options import StatisticsOptions

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.formats.query import Query
    from pipeline.partitions.segment import PartitionResult
    from pipeline.statistics.distribution import Distribution
    from pipeline.statistics.group_table import GroupTable
    from pipeline.statistics.profile import Profile
    from pipeline.statistics.result import Result


@dataclass(frozen=True)
class Request:
    """All that a run depends on, but for where it runs.

    paths: the files, one table in this order, under the same paths on every machine.
    query: which columns and rows are read, and what they are grouped by.
    reading: how the files are read. Its column does not count.
    partitioning: how the files are cut; the result does not depend on it.
    options: which statistics are computed.
    partials: whether those of each partition alone are wanted, too.
    sort: whether groups are sorted by their keys, not by where they first appear.
    report: whether what a page shows beside the results is found, too.
    """

    paths: tuple[Path, ...]
    query: Query
    reading: ReadOptions = field(default_factory=ReadOptions)
    partitioning: Partitioning = field(default_factory=Partitioning)
    options: StatisticsOptions = field(default_factory=StatisticsOptions)
    partials: bool = False
    sort: bool = False
    report: bool = False


@dataclass(frozen=True)
class Outcome:
    """What a run finds.

    results: the statistics of each number column.
    partials: those of each partition, where they were asked for.
    keys: the names of the keys of groups.
    groups: the statistics of each group, where there are groups.
    distributions: the distribution of each number column, where a page was asked for; None for a
        column without values.
    profiles: what each stretch of the table holds, column by column, where a page was asked for.
    """

    results: tuple[Result, ...]
    partials: tuple[PartitionResult, ...] = ()
    keys: tuple[str, ...] = ()
    groups: GroupTable | None = None
    distributions: tuple[Distribution | None, ...] = ()
    profiles: tuple[Profile | None, ...] = ()

    @property
    def result(self) -> Result:
        """The statistics of the first column."""
        return self.results[0]
