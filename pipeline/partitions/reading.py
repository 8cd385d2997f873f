"""Reading a partition: its rows are taken in one pass, and summarised on the way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pipeline.formats.partition import Partition
from pipeline.formats.rejects import NONE
from pipeline.partitions.column_reading import ColumnReading, ProfiledReading
from pipeline.partitions.fold import Folding
from pipeline.partitions.grouped_rows import GroupedRows
from pipeline.partitions.segment import PartitionResult, Segment, stitch
from pipeline.statistics.finish import finish
from pipeline.statistics.grouped import Grouped
from pipeline.statistics.table_summary import TableSummary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.formats.table import Rows
    from pipeline.numeric.arrays import Floats
    from pipeline.partitions.segment import Job, Segments


def read(job: Job, partition: Partition) -> Segment[TableSummary]:
    """Read and summarise the rows that begin in a partition."""
    segment = _read(job, partition)
    if not job.partials:
        return segment
    pairs = zip(segment.summary.columns, job.sources, strict=True)
    results = (finish(one, job.options.percentiles, source) for one, source in pairs)
    return replace(segment, partials=(PartitionResult(partition, tuple(results)),))


def reread(job: Job, partitions: Sequence[Partition], start: int) -> Segments[TableSummary]:
    """Read neighbouring partitions again, in turn; the first row is known to begin at `start`."""
    segments: Segments[TableSummary] = ()
    for partition in partitions:
        begin = max(start, partition.start)
        segment = read(job, Partition(begin, partition.stop, certain=True))
        segments = stitch(segments, (replace(segment, start=partition.start),))
        start = begin if segment.end is None else segment.end
    return segments


def _read(job: Job, partition: Partition) -> Segment[TableSummary]:
    """Read part by part: where one ends, the next one is known to begin."""
    reading = _Reading(job)
    begin, end, problem, rejects = None, None, None, NONE
    at, certain = partition.start, partition.certain
    for stretch, start, stop in job.parts(partition):
        at = max(at, start)
        rows = job.table.rows(Partition(at, stop, certain=certain))
        reading.take(rows, stretch)
        begin = rows.begin if begin is None else begin
        problem, rejects = rows.problem, rejects.merge(rows.rejects())
        if rows.end is not None:
            at = end = rows.end
            certain = True
        if problem:
            break
    summary = reading.total()
    return Segment(partition.start, partition.stop, begin, end, summary, problem, (), rejects)


class _Reading:
    """Summarises a table's rows while they are taken."""

    def __init__(self, job: Job) -> None:
        self._job = job
        window = job.options.window
        kind = ProfiledReading if job.report else ColumnReading
        self._columns = [kind(window) for _ in job.table.columns]
        self._groups = Folding(Grouped.merge)

    def take(self, rows: Rows, stretch: int) -> None:
        """Take the next rows, which are of one stretch, by its number."""
        width, window = len(self._columns), self._job.options.window
        grouped = GroupedRows(rows, width, window) if self._job.table.keys else None
        for batch in rows.batches():
            if grouped is not None:
                grouped.add(batch)
            for column, cells in zip(self._columns, batch.columns, strict=True):
                column.add(valid(cells), stretch)
        for column, counters in zip(self._columns, rows.counters(), strict=True):
            column.count(counters, stretch)
        if grouped is not None:
            self._groups.add(grouped.total())

    def total(self) -> TableSummary:
        """Return the summary of all rows."""
        groups = None
        if self._job.table.keys:
            nothing = Grouped.empty(len(self._columns), self._job.options.window)
            groups = self._groups.total() if self._groups else nothing
        return TableSummary(tuple(column.total() for column in self._columns), groups)


def valid(cells: Floats) -> Floats:
    """Return the valid values among the cells of a batch."""
    kept = np.isfinite(cells)
    return cells if kept.all() else cells[kept]
