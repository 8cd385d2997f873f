"""The run on the cluster: partitions are read, merged in order, repaired, and looked into.

Where a column has many distinct values, or a table many groups, the first merges cut them into
parts. Each part is merged, kept and looked into on the workers, which spill to disk what is too
much for them.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from functools import partial, reduce
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

from dask.base import annotate, get_annotations

from pipeline.engine import tasks
from pipeline.engine.graph import Steps, build, by_threads
from pipeline.engine.so_far import MOST_COLUMNS, About
from pipeline.engine.telling import telling
from pipeline.engine.wait import wait_for
from pipeline.errors import InputError
from pipeline.partitions.lanes import by_column, lane_count, locate
from pipeline.partitions.planning import too_many_groups
from pipeline.statistics.aggregates import Aggregates
from pipeline.statistics.deviation import deviation
from pipeline.statistics.distribution import curve_ranks, of_multiset
from pipeline.statistics.finish import finish_from
from pipeline.statistics.group_histograms import MOST_GROUPS, histograms, small_edges
from pipeline.statistics.group_table import finish_all, in_order
from pipeline.statistics.percentiles import middle, ranks
from pipeline.statistics.sufficient import SufficientStatistics

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from distributed import Client, Future

    from pipeline.engine.graph import Key
    from pipeline.engine.observer import Observer
    from pipeline.engine.telling import Teller
    from pipeline.formats.partition import Partition
    from pipeline.numeric.arrays import Floats
    from pipeline.partitions.planning import MergePlan
    from pipeline.partitions.segment import Job, Segment
    from pipeline.statistics.distribution import Distribution
    from pipeline.statistics.group_table import GroupTable
    from pipeline.statistics.result import Result, Source
    from pipeline.statistics.summary import Summary
    from pipeline.statistics.table_summary import TableSummary

RETRIES = 3


@dataclass(frozen=True, eq=False)
class Reduced:
    """What a table comes to: what its results follow from.

    Attributes:
        segment: The one segment that all partitions make; its parts may have stayed on the workers.
        sources: What was described: each column, as results name it.
        columns: The sufficient statistics of each column.
        distributions: The distribution of each column, where they were asked for; None where it
            has no value.
        groups: The statistics of each group; None where there are no groups.
        ranges: The ranges of each column's values that stayed on the workers; none where they are
            in the segment.
        parts: The parts of the groups that did, likewise.

    """

    segment: Segment[TableSummary]
    sources: list[Source]
    columns: list[SufficientStatistics]
    distributions: list[Distribution | None]
    groups: GroupTable | None
    ranges: list[list[Future[Any]]]
    parts: list[Future[Any]]

    def results(self) -> list[Result]:
        """Return the statistics of each column."""
        pairs = zip(self.columns, self.sources, strict=True)
        return [finish_from(*pair) for pair in pairs]


def summarise(
    client: Client,
    job: Job,
    partitions: Sequence[Partition],
    plan: MergePlan,
    observer: Observer,
) -> Reduced:
    """Read all partitions on the cluster; return what they come to.

    With divisions in the plan, the parts stay on the workers. Raises InputError for a row that
    cannot be read, TooManyDistinctError (of `partitions.planning`) where another plan is needed,
    ClusterError when the cluster does not answer.
    """
    with telling(client, observer, _about(job, partitions)) as teller:
        lanes = _start(client, job, partitions, plan, teller)
        segment, parts = _repair(client, job, partitions, plan, lanes, observer)
    if segment.problem:
        raise InputError(job.table.sentence(segment.problem))
    summary = segment.summary
    ranges, groups = by_column(parts, plan.divisions, len(summary.columns))
    looks = [
        _look_into(client, job, column, lanes) if lanes else _look_at(job, column)
        for column, lanes in zip(summary.columns, ranges, strict=True)
    ]
    edges = [small_edges(distribution) for _, distribution in looks] if job.report else []
    return Reduced(
        segment,
        job.sources,
        [found for found, _ in looks],
        [distribution for _, distribution in looks] if job.report else [],
        _finish_groups(client, job, summary, groups, (plan.max_groups, edges)),
        ranges,
        groups,
    )


def _about(job: Job, partitions: Sequence[Partition]) -> About:
    """Return what the dashboard says of a run."""
    table = job.table
    first, *_ = table.paths
    return About(
        first.name if len(table.paths) == 1 else f"{first.name} … ({len(table.paths)})",
        list(table.columns[:MOST_COLUMNS]),
        len(partitions),
        sum(map(table.nbytes, partitions)),
        min((part.start for part in partitions), default=0),
        max((part.stop for part in partitions), default=0),
    )


def _start(
    client: Client, job: Job, partitions: Sequence[Partition], plan: MergePlan, teller: Teller
) -> list[Future[Any]]:
    """Begin the whole graph; return what its lanes end in: the rows, then each range."""
    steps = Steps(
        read=partial(tasks.summarise, plan, job, teller),
        split=partial(tasks.split, plan),
        merge=partial(tasks.merge, plan),
    )
    lanes, workers = lane_count(plan.divisions), by_threads(client.nthreads())
    graph = build(partitions, steps, lanes, workers, secrets.token_hex(4))
    priority = partial(_priority, get_annotations().get("priority", 0), graph.picks)
    home = partial(_home, graph.homes)
    with annotate(workers=home, allow_other_workers=True, priority=priority):
        return cast(
            "list[Future[Any]]", client.get(graph.tasks, graph.roots, sync=False, retries=RETRIES)
        )


def _home(homes: Mapping[Key, list[str]], key: Key) -> list[str]:
    """Return the worker on which a task should run, or none."""
    return homes.get(key, [])


def _priority(usual: int | Callable[[Key], int], picks: AbstractSet[Key], key: Key) -> int:
    """Return the priority of a task: the user's for it, or, if it is one of the `picks`, more."""
    return (usual(key) if callable(usual) else usual) + (key in picks)


def _repair(
    client: Client,
    job: Job,
    partitions: Sequence[Partition],
    plan: MergePlan,
    lanes: list[Future[Any]],
    observer: Observer,
) -> tuple[Segment[TableSummary], list[Future[Any]]]:
    """Return the one segment that the partitions make, and its ranges.

    What a partition guessed wrong about its first row shows when it is merged, and is read again.
    """
    segments = wait_for(client, lanes[0], job.table.paths, observer=observer)
    while len(segments) > 1 and not segments[0].problem:
        first, wrong, *_ = segments
        misread = [part for part in partitions if wrong.start <= part.start < wrong.stop]
        again = client.submit(tasks.reread_lanes, plan, job, misread, first.end, retries=RETRIES)
        lanes = [
            client.submit(tasks.repair_lane, lane, again, i, retries=RETRIES)
            for i, lane in enumerate(lanes)
        ]
        segments = wait_for(client, lanes[0], job.table.paths, observer=observer)
    return segments[0], lanes[1:]


def _finish_groups(
    client: Client,
    job: Job,
    rows: TableSummary,
    parts: list[Future[Any]],
    asked: tuple[int, list[Floats]],
) -> GroupTable | None:
    """Return the statistics of all groups: those in `rows`, or those of all `parts`.

    What is `asked`: how many there may be, or InputError is raised, and the edges of the bins of
    their histograms by column, if those are wanted.
    """
    percentiles, sources = job.options.percentiles, job.sources
    most, edges = asked
    if rows.groups is not None:
        found = finish_all(rows.groups, percentiles, sources)
        if edges and len(found) <= MOST_GROUPS:
            found = replace(found, histograms=histograms(rows.groups, edges))
        return in_order([found])
    if not parts:
        return None
    finish = partial(tasks.finish_groups, percentiles, sources)
    futures = [client.submit(finish, part, retries=RETRIES) for part in parts]
    tables: list[GroupTable] = wait_for(
        client, client.submit(tasks.gather, futures), job.table.paths
    )
    total = sum(len(table) for table in tables)
    if total > most:
        raise too_many_groups(total, most)
    if edges and total <= MOST_GROUPS:
        looks = [client.submit(tasks.group_histograms, p, edges, retries=RETRIES) for p in parts]
        counts = wait_for(client, client.submit(tasks.gather, looks), job.table.paths)
        pairs = zip(tables, counts, strict=True)
        tables = [replace(table, histograms=columns) for table, columns in pairs]
    return in_order(tables)


def _look_at(job: Job, rows: Summary) -> tuple[SufficientStatistics, Distribution | None]:
    """Return what results follow from, and the distribution if it is wanted, of `rows`."""
    found = SufficientStatistics.of(rows, job.options.percentiles)
    return found, of_multiset(rows.values, found.aggregates) if job.report else None


def _look_into(
    client: Client, job: Job, rows: Summary, ranges: list[Future[Any]]
) -> tuple[SufficientStatistics, Distribution | None]:
    """Return the same for `rows` without values: the ranges are asked."""
    path = job.table.paths
    parts = [client.submit(tasks.aggregates, future, retries=RETRIES) for future in ranges]
    found: list[Aggregates] = wait_for(client, client.submit(tasks.gather, parts), path)
    more = curve_ranks(rows.count) if job.report else []
    wanted = sorted({*ranks(rows.count, job.options.percentiles), *more})
    select = partial(_select, client, path, ranges, [part.count for part in found])
    order = dict(zip(wanted, select(wanted), strict=True))
    whole = reduce(Aggregates.merge, found)
    drawn = _draw(client, ranges, whole, order) if job.report and whole.count else None
    far = deviation(select, rows.count, middle(order, rows.count))
    statistics = SufficientStatistics(rows, whole, order, job.options.percentiles, far)
    return statistics, wait_for(client, drawn, path) if drawn else None


def _draw(
    client: Client, ranges: Sequence[Future[Any]], whole: Aggregates, order: Mapping[int, float]
) -> Future[Any]:
    """Begin to find the distribution of the values in all ranges, beside what is asked next."""
    shapes = [client.submit(tasks.shape, future, retries=RETRIES) for future in ranges]
    points = client.submit(tasks.points, shapes, whole, order, retries=RETRIES, pure=False)
    below = [client.submit(tasks.below, future, points, retries=RETRIES) for future in ranges]
    return client.submit(tasks.distribution, shapes, points, below, whole.count, retries=RETRIES)


def _select(
    client: Client,
    paths: Sequence[Path],
    ranges: Sequence[Future[Any]],
    counts: Sequence[int],
    wanted: Sequence[int],
) -> list[float]:
    """Return the order statistics of the ranks `wanted`, which rise.

    `ranges` of values hold so many each as `counts` says; the files at `paths` were read.
    """
    selections = [
        client.submit(tasks.select, future, here, retries=RETRIES)
        for future, here in zip(ranges, locate(counts, wanted), strict=True)
        if here
    ]
    selected = wait_for(client, client.submit(tasks.gather, selections), paths)
    return list(chain.from_iterable(selected))
