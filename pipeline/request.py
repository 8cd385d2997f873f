"""What a user asks for, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from pipeline.errors import InputError
from pipeline.formats.read_options import ReadOptions
from pipeline.partitions.cutting import Partitioning
from pipeline.statistics.options import StatisticsOptions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pipeline.formats.query import Query
    from pipeline.formats.rejects import Rejects
    from pipeline.partitions.segment import PartitionResult
    from pipeline.statistics.distribution import Distribution
    from pipeline.statistics.group_table import GroupTable
    from pipeline.statistics.profile import Profile
    from pipeline.statistics.result import Result


Item = TypeVar("Item")


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

    Raises InputError where rejects are asked for and nothing is skipped.
    """

    paths: tuple[Path, ...]
    query: Query
    reading: ReadOptions = field(default_factory=ReadOptions)
    partitioning: Partitioning = field(default_factory=Partitioning)
    options: StatisticsOptions = field(default_factory=StatisticsOptions)
    partials: bool = False
    sort: bool = False
    report: bool = False

    def __post_init__(self) -> None:
        """Refuse a list of what is skipped where nothing is."""
        if self.query.max_rejects and self.reading.on_invalid != "skip":
            raise InputError("--rejects lists what is skipped; say --on-invalid skip, too")


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
    left_out: the columns that do not hold numbers, where all that do were asked for; else None.
    rejects: the first cells and rows that were skipped, where they were asked for.
    """

    results: tuple[Result, ...]
    partials: tuple[PartitionResult, ...] = ()
    keys: tuple[str, ...] = ()
    groups: GroupTable | None = None
    distributions: tuple[Distribution | None, ...] = ()
    profiles: tuple[Profile | None, ...] = ()
    left_out: tuple[str, ...] | None = None
    rejects: Rejects | None = None

    def only(self, kept: Sequence[int]) -> Outcome:
        """Return the outcome of the columns with the indices `kept`; the others are left out."""

        def of(items: Sequence[Item]) -> tuple[Item, ...]:
            return tuple(items[i] for i in kept) if items else ()

        names = [result.source.column for result in self.results]
        return replace(
            self,
            results=of(self.results),
            partials=tuple(replace(one, results=of(one.results)) for one in self.partials),
            groups=self.groups and self.groups.of_columns(kept),
            distributions=of(self.distributions),
            profiles=of(self.profiles),
            left_out=tuple(name for i, name in enumerate(names) if i not in kept),
        )

    @property
    def result(self) -> Result:
        """The statistics of the first column."""
        return self.results[0]
