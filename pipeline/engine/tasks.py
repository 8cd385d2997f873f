"""What runs on a worker."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from time import thread_time, time
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from dask.sizeof import sizeof

from pipeline.engine.observer import PartitionRead
from pipeline.engine.so_far import MOST_COLUMNS
from pipeline.errors import InputError
from pipeline.partitions.fold import fold
from pipeline.partitions.lanes import divide
from pipeline.partitions.planning import check_state
from pipeline.partitions.reading import read, reread
from pipeline.partitions.segment import Segment, replace_misread, stitch
from pipeline.statistics.distribution import (
    Below,
    Distribution,
    choose_points,
    merge_below,
    merge_shapes,
)
from pipeline.statistics.group_histograms import histograms
from pipeline.statistics.group_table import finish_all
from pipeline.statistics.listing import entries_of
from pipeline.statistics.shape import Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from pipeline.engine.telling import Teller
    from pipeline.formats.partition import Partition
    from pipeline.numeric.arrays import Floats, Integers
    from pipeline.partitions.planning import MergePlan
    from pipeline.partitions.segment import Job, Segments
    from pipeline.statistics.aggregates import Aggregates
    from pipeline.statistics.distribution import Points
    from pipeline.statistics.entries import Entries
    from pipeline.statistics.group_table import GroupTable
    from pipeline.statistics.grouped import Grouped
    from pipeline.statistics.multiset import Multiset
    from pipeline.statistics.range_summary import RangeSummary
    from pipeline.statistics.result import Source
    from pipeline.statistics.summary import Summary
    from pipeline.statistics.table_summary import TableSummary

Item = TypeVar("Item")
Made = TypeVar("Made")


@sizeof.register(Segment)
def nbytes(segment: Segment[Any]) -> int:
    """Return what Dask counts to know when to spill."""
    return int(segment.summary.nbytes)


def summarise(
    plan: MergePlan, job: Job, teller: Teller, partition: Partition
) -> Segments[TableSummary]:
    """Read and summarise a partition, and tell of it.

    Raises InputError when this node cannot read the file, TooManyDistinctError where the plan does
    not allow for so many values.
    """
    with _naming_this_node(job.table.paths):
        began, cpu = time(), thread_time()
        segment = read(job, partition)
        ended, used = time(), thread_time() - cpu
    summary = segment.summary
    found = PartitionRead(
        partition.start, job.table.nbytes(partition), summary.count, began, ended, used,
        stop=partition.stop, figures=[figures(column) for column in summary.columns[:MOST_COLUMNS]],
    )  # fmt: skip
    teller.tell(found)
    check_state(segment, plan)
    return (segment,)


def figures(column: Summary) -> tuple[int, int, float, float, float]:
    """Return what is told of a column of a partition: see `PartitionRead.figures`."""
    values = column.values
    if not values.distinct:
        return 0, column.missing, 0.0, float("inf"), float("-inf")
    with np.errstate(over="ignore"):  # then it is infinite: what is told is a look, no result
        # As a product of two vectors it would start BLAS' threads, which take turns on all cores.
        total = float((values.values * values.counts).sum())
    return column.count, column.missing, total, float(values.values[0]), float(values.values[-1])


def merge(plan: MergePlan, *parts: Segments[Any]) -> Segments[Any]:
    """Merge neighbours of one lane; raise TooManyDistinctError as `summarise` does."""
    merged = fold(stitch, parts, ())
    for segment in merged:
        check_state(segment, plan)
    return merged


def split(plan: MergePlan, *parts: Segments[TableSummary]) -> list[Segments[Any]]:
    """Divide neighbours into lanes, and merge them lane by lane: what is small stays in a cache."""
    lanes = zip(*(divide(segments, plan.divisions) for segments in parts), strict=True)
    return [merge(plan, *lane) for lane in lanes]


def reread_lanes(
    plan: MergePlan, job: Job, partitions: Sequence[Partition], start: int
) -> list[Segments[Any]]:
    """Read partitions again from the row that begins at `start`; return the lanes of them."""
    return divide(reread(job, partitions, start), plan.divisions)


def repair_lane(
    segments: Segments[Any], again: Sequence[Segments[Any]], lane: int
) -> Segments[Any]:
    """Replace what a lane misread with the same lane of what was read again."""
    return replace_misread(segments, again[lane])


def aggregates(segments: Segments[RangeSummary]) -> Aggregates:
    """Return the aggregates of a range, all of whose segments have been merged."""
    return segments[0].summary.aggregates()


def select(segments: Segments[RangeSummary], ranks: Sequence[int]) -> list[float]:
    """Return a range's order statistics; ranks count from its first value."""
    return segments[0].summary.select(ranks)


def shape(segments: Segments[RangeSummary]) -> Shape:
    """Return the shape of a range."""
    return Shape.of(segments[0].summary.values)


def points(shapes: Sequence[Shape], whole: Aggregates, order: Mapping[int, float]) -> Points:
    """Return at which values ranges with these `shapes` are looked at, as `choose_points` does."""
    return choose_points(merge_shapes(shapes), whole, order)


def below(segments: Segments[RangeSummary], points: Points) -> Below:
    """Return how many values of a range lie below some points, and how many at or below."""
    return Below.of(segments[0].summary.values, points.all)


def distribution(
    shapes: Sequence[Shape], points: Points, parts: Sequence[Below], count: int
) -> Distribution:
    """Return the distribution of `count` values from what was found in each range."""
    return Distribution.of(merge_shapes(shapes), points, merge_below(parts), count)


def values(segments: Segments[RangeSummary]) -> Multiset:
    """Return the values of a range."""
    return segments[0].summary.values


def group_entries(segments: Segments[Grouped], column: int, chosen: Integers) -> Entries:
    """Return the multisets of a column of the groups of a part with the numbers `chosen`."""
    return entries_of(segments[0].summary, column, chosen)


def finish_groups(
    percentiles: Sequence[float], sources: Sequence[Source], segments: Segments[Grouped]
) -> GroupTable:
    """Return the statistics of a part of the groups, all of whose segments have been merged."""
    return finish_all(segments[0].summary, percentiles, sources)


def group_histograms(segments: Segments[Grouped], edges: Sequence[Floats]) -> list[Integers]:
    """Return the histograms of a part of the groups, with bins of these `edges` by column."""
    return histograms(segments[0].summary, edges)


def gather(parts: Sequence[Made]) -> list[Made]:
    """Return what other tasks made, in one list; on the dashboard it has a name of its own."""
    return list(parts)


def call(function: Callable[[Item], Made], path: Path, item: Item) -> Made:
    """Return what `function`, which reads the file at `path`, makes of an item."""
    with _naming_this_node([path]):
        return function(item)


@contextmanager
def _naming_this_node(paths: Sequence[Path]) -> Iterator[None]:
    """Refuse, as InputError, a file, one of `paths`, that this node cannot read."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f"node {socket.gethostname()} cannot read {error.filename or paths[0]}: "
            f"{error.strerror}; "
            "is the share mounted there?"
        ) from error
