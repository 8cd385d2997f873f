"""Segments: summaries that know which bytes they cover, and so whether they may be merged.

A segment continues its neighbour when its first row begins where the neighbour's last one ends.
Where it does not, one of the two guessed wrong about its first row, and they stay apart. The first
segment begins with the file and is right, so what follows it is read again from where it ends.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from pipeline.formats.partition import Partition
from pipeline.formats.rejects import NONE, Rejects
from pipeline.partitions.fold import Folding, fold
from pipeline.partitions.grouped_rows import GroupedRows
from pipeline.partitions.state import State
from pipeline.partitions.stretches import parts_in, stretches
from pipeline.statistics.finish import finish
from pipeline.statistics.moving_range import NO_WINDOWS
from pipeline.statistics.profile import Profile, Stretch
from pipeline.statistics.result import Result, Source
from pipeline.statistics.summary import Summary, summarise
from pipeline.statistics.table_summary import TableSummary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.formats.table import Counters, Problem, Rows, Table
    from pipeline.numeric.arrays import Floats
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


def read(job: Job, partition: Partition) -> Segment[TableSummary]:
    """Read and summarise the rows that begin in a partition."""
    segment = _read_stretches(job, partition) if job.report else _read(job, partition)
    if not job.partials:
        return segment
    pairs = zip(segment.summary.columns, job.sources, strict=True)
    results = (finish(one, job.options.percentiles, source) for one, source in pairs)
    return replace(segment, partials=(PartitionResult(partition, tuple(results)),))


def _read(job: Job, partition: Partition, stretch: int | None = None) -> Segment[TableSummary]:
    rows = job.table.rows(partition)
    summary = _summarise(job, rows, stretch)
    return Segment(
        partition.start,
        partition.stop,
        rows.begin,
        rows.end,
        summary,
        rows.problem,
        (),
        rows.rejects(),
    )


def _read_stretches(job: Job, partition: Partition) -> Segment[TableSummary]:
    """Read a partition stretch by stretch: where one ends, the next one is known to begin."""
    whole = Folding[Segment[TableSummary]](Segment.merge)
    begin, certain = partition.start, partition.certain
    for number, start, stop in parts_in(partition, job.stretches):
        begin = max(begin, start)
        segment = _read(job, Partition(begin, stop, certain=certain), number)
        whole.add(replace(segment, start=start))
        if segment.problem:
            break
        if segment.end is not None:
            begin, certain = segment.end, True
    if not whole:
        return _read(job, partition)
    return replace(whole.total(), start=partition.start, stop=partition.stop)


def _summarise(job: Job, rows: Rows, stretch: int | None) -> TableSummary:
    """Return the summary of some rows: they are taken in one pass.

    Where they are of one `stretch`, by its number, they have a profile.
    """
    window, width = job.options.window, len(job.table.columns)
    grouped = GroupedRows(rows, width, window) if job.table.keys else None

    def parts() -> Iterator[TableSummary]:
        for batch in rows.batches():
            if grouped is not None:
                grouped.add(batch)
            yield TableSummary(tuple(summarise(valid(c), window, stretch) for c in batch.columns))

    nothing = TableSummary((Summary.empty(window),) * width)
    total = fold(TableSummary.merge, parts(), nothing)
    counted = zip(total.columns, rows.counters(), strict=True)
    return TableSummary(
        tuple(_counted(*pair, stretch) for pair in counted),
        grouped.total() if grouped is not None else None,
    )


def _counted(one: Summary, counters: Counters, stretch: int | None) -> Summary:
    """Return a column's summary with what was counted beside its values, and all of its profile."""
    if stretch is None:
        return replace(one, **vars(counters))
    windows = one.profile.stretches[0].windows if one.profile else NO_WINDOWS
    others = counters.invalid + counters.out_of_range
    known = Stretch.of(stretch, one.values, counters.missing, others, windows)
    return replace(one, **vars(counters), profile=Profile((known,)))


def valid(cells: Floats) -> Floats:
    """Return the valid values among the cells of a batch."""
    kept = np.isfinite(cells)
    return cells if kept.all() else cells[kept]


def reread(job: Job, partitions: Sequence[Partition], start: int) -> Segments[TableSummary]:
    """Read neighbouring partitions again, in turn; the first row is known to begin at `start`."""
    segments: Segments[TableSummary] = ()
    for partition in partitions:
        begin = max(start, partition.start)
        segment = read(job, Partition(begin, partition.stop, certain=True))
        segments = stitch(segments, (replace(segment, start=partition.start),))
        start = begin if segment.end is None else segment.end
    return segments
