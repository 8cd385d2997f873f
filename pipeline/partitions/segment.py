"""Segments: summaries that know which bytes they cover, and so whether they may be merged.

A segment continues its neighbour when its first row begins where the neighbour's last one ends.
Where it does not, one of the two guessed wrong about its first row, and they stay apart. The first
segment begins with the file and is right, so what follows it is read again from where it ends.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Generic, TypeVar

from pipeline.formats.rejects import NONE, Rejects
from pipeline.partitions.state import State
from pipeline.partitions.stretches import parts_in, stretches
from pipeline.statistics.result import Result, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.formats.partition import Partition
    from pipeline.formats.table import Problem, Table
    from pipeline.statistics.options import StatisticsOptions


@dataclass(frozen=True)
class Job:
    """What is computed of a table.

    With `partials`, the statistics of each partition alone, too; with `report`, what a page shows
    beside the results.
    """

    table: Table
    options: StatisticsOptions
    partials: bool = False
    report: bool = False

    @cached_property
    def stretches(self) -> list[Partition]:
        """Where the table is cut for its profile."""
        return stretches(self.table)

    def parts(self, partition: Partition) -> Sequence[tuple[int, int, int]]:
        """Return stretch, start and stop of each part of a partition that is read by itself.

        Without a report, that is the whole of it.
        """
        if self.report:
            return list(parts_in(partition, self.stretches))
        return [(0, partition.start, partition.stop)]

    @property
    def sources(self) -> list[Source]:
        """Each column of the table, and the window, as results name them."""
        table = self.table
        file = ", ".join(path.name for path in table.paths)
        return [Source(file, table.size, column, self.options.window) for column in table.columns]


@dataclass(frozen=True)
class PartitionResult:
    """The statistics of the rows of one partition alone, column by column."""

    partition: Partition
    results: tuple[Result, ...]


S = TypeVar("S", bound=State)


@dataclass(frozen=True, eq=False)
class Segment(Generic[S]):
    """The summary of the rows that begin in a byte range.

    The first of them begins at `begin`, the row after the last at `end`; both are None when no
    row begins there. A `problem` means that the rows from it on were not read.
    """

    start: int
    stop: int
    begin: int | None
    end: int | None
    summary: S
    problem: Problem | None
    partials: tuple[PartitionResult, ...]
    rejects: Rejects = NONE

    def continues(self, before: Segment[S]) -> bool:
        """Whether these rows continue those of `before`, the neighbour on the left."""
        if before.problem or before.end is None:
            return True
        if self.begin is None:
            return before.end >= self.stop
        return self.begin == before.end

    def merge(self, other: Segment[S]) -> Segment[S]:
        """Return the segment of both; `other` must continue this one.

        What follows a problem does not count.
        """
        if self.problem:
            return replace(self, stop=other.stop)
        return Segment(
            self.start,
            other.stop,
            other.begin if self.begin is None else self.begin,
            self.end if other.end is None else other.end,
            self.summary.merge(other.summary),
            other.problem,
            self.partials + other.partials,
            self.rejects.merge(other.rejects),
        )


Segments = tuple[Segment[S], ...]


def stitch(left: Segments[S], right: Segments[S]) -> Segments[S]:
    """Put segments side by side, and merge the two that meet if they continue. Associative."""
    if not (left and right and right[0].continues(left[-1])):
        return left + right
    return (*left[:-1], left[-1].merge(right[0]), *right[1:])


def replace_misread(segments: Segments[S], again: Segments[S]) -> Segments[S]:
    """Put what was read again in place of the second segment, which did not continue the first."""
    first, _, *rest = segments
    return stitch(stitch((first,), again), tuple(rest))
