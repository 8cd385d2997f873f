"""Stretches: summaries that know which bytes they cover, and so whether they may be merged.

Neighbours fit when the row after the last one of the left begins where the right says that its
first row begins. Where they do not, one of them guessed wrong, and they stay apart; the first
stretch begins with the file and is right, so what follows it is read again from where it ends.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, Protocol, Self, TypeVar

from pipeline.formats.partition import Partition
from pipeline.partitions.fold import fold
from pipeline.statistics.finish import finish
from pipeline.statistics.result import Result, Source
from pipeline.statistics.summary import Summary, summarise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.formats.table import Problem, Table


@dataclass(frozen=True)
class Job:
    """What is computed of a table: windows of `window` values, and these percentiles.

    With `partials`, the statistics of each partition alone, too.
    """

    table: Table
    window: int
    percentiles: tuple[float, ...]
    partials: bool = False

    @property
    def source(self) -> Source:
        """The table and the window, as results name them."""
        return Source(self.table.path.name, self.table.size, self.table.column, self.window)


@dataclass(frozen=True)
class PartitionResult:
    """The statistics of the rows of one partition alone."""

    partition: Partition
    result: Result


class Mergeable(Protocol):
    """A monoid over consecutive rows."""

    def merge(self, other: Self, /) -> Self:
        """Return the summary of these rows followed by those of `other`."""


S = TypeVar("S", bound=Mergeable)


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

    def fits(self, other: Segment[S]) -> bool:
        """Whether the rows of `other` continue these."""
        if self.problem or self.end is None:
            return True
        if other.begin is None:
            return self.end >= other.stop
        return self.end == other.begin

    def merge(self, other: Segment[S]) -> Segment[S]:
        """Return the stretch of both: `other` must fit. What follows a problem does not count."""
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
        )


Segments = tuple[Segment[S], ...]


def join(left: Segments[S], right: Segments[S]) -> Segments[S]:
    """Put stretches side by side, merging the two that meet if they fit. Associative."""
    if not (left and right and left[-1].fits(right[0])):
        return left + right
    return (*left[:-1], left[-1].merge(right[0]), *right[1:])


def read(job: Job, partition: Partition) -> Segment[Summary]:
    """Read and summarise the rows that begin in a partition."""
    column = job.table.read(partition)
    parts = (summarise(values, job.window) for values in column.batches())
    values = fold(Summary.merge, parts, Summary.empty(job.window))
    summary = replace(values, missing=column.missing, invalid=column.invalid)
    return Segment(
        partition.start,
        partition.stop,
        column.begin,
        column.end,
        summary,
        column.problem,
        (PartitionResult(partition, finish(summary, job.percentiles, job.source)),)
        if job.partials
        else (),
    )


def reread(job: Job, partitions: Sequence[Partition], start: int) -> Segments[Summary]:
    """Read partitions again, one after the other, the first row being known to begin at `start`."""
    stretches: Segments[Summary] = ()
    for partition in partitions:
        begin = max(start, partition.start)
        stretch = read(job, Partition(begin, partition.stop, certain=True))
        stretches = join(stretches, (replace(stretch, start=partition.start),))
        start = begin if stretch.end is None else stretch.end
    return stretches
