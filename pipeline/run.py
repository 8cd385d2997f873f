"""The client script: `python -m pipeline.run FILE`.

CSV -- partitions --> byte ranges -- read column --> float64[] -- summarise --> Summary
Summary + Summary -- merge (ordered tree) --> Summary -- finish --> Result --> CSV, JSON
"""

from __future__ import annotations

if __name__ == "__main__":
    from pipeline.cli.interrupts import catch

    catch()

import ctypes
import gc
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from pipeline.cli import options
from pipeline.cli.arguments import RunArguments
from pipeline.cli.interrupts import end, promise
from pipeline.cli.progress import Progress
from pipeline.cli.terminal import exits, show
from pipeline.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from types import ModuleType

    from distributed import Client

    from pipeline.engine.observer import Observer
    from pipeline.engine.reduce import Reduced
    from pipeline.formats.table import Table
    from pipeline.partitions.planning import MergePlan
    from pipeline.report.distribution_file import DistributionFile
    from pipeline.request import Outcome, Request
    from pipeline.statistics.group_table import GroupTable

_UNUSED_PACKAGES = ("scipy", "cffi")
"""What numba looks for with its first kernel: half a second, and no kernel here uses it."""

_GC_THRESHOLD = 50_000
"""New objects between two searches for garbage: most are what is imported, and stay."""

_M_MMAP_THRESHOLD, _LARGE_BYTES = -3, 1 << 23
"""mallopt(3): from how many bytes on an array is memory of its own."""

_M_TRIM_THRESHOLD, _KEPT_BYTES = -1, 1 << 26
"""mallopt(3): how many free bytes are kept for what is smaller, as a block that is read is."""

DEFAULT = Path("/mnt/shared/Datos_Hidrometeorologicos.csv")

# Dask and the kernels take a second to import: not for --help, nor for a wrong option. Hence the
# imports inside the functions.


def run(
    request: Request,
    cluster: Callable[[], AbstractContextManager[Client]],
    observer: Observer,
    plan: Callable[[Table, int], MergePlan] | None = None,
    listed: DistributionFile | None = None,
) -> Outcome:
    """Go the whole way, from files to their results, on the cluster that `cluster` opens.

    `plan` chooses for a table and a number of cores how values are merged; by default a look at
    the file does (`partitions.planning.plan_merge`). The result does not depend on it. All
    distinct values go to the file `listed`, if there is one.
    """
    from pipeline.engine import reduce
    from pipeline.engine.connect import cores
    from pipeline.engine.listing import listings
    from pipeline.engine.preflight import check
    from pipeline.formats.open import open_files
    from pipeline.partitions.cutting import total_nbytes
    from pipeline.partitions.planning import TooManyDistinctError, plan_merge, replan
    from pipeline.partitions.segment import Job

    table, notices = open_files(request.paths, request.reading, request.query)
    for text in notices:
        observer.notice(text)
    job = Job(table, request.options, request.partials, request.report)
    with cluster() as client:
        threads = cores(client)
        check(client, table.paths)

        def summarise(plan: MergePlan) -> Reduced:
            partitions = request.partitioning.of(table, threads, plan.blocksize)
            observer.start(client, len(partitions), total_nbytes(table))
            return reduce.summarise(client, job, partitions, plan, observer)

        try:
            found = summarise((plan or plan_merge)(table, threads))
        except TooManyDistinctError as met:
            observer.notice("more distinct values than a sample told of: reading again in ranges")
            found = summarise(replan(table, met))
        kept = _kept(request, table, found)
        groups = found.groups.by_key() if found.groups and request.sort else found.groups
        if listed:
            values = listings(client, table.paths, found, kept, groups)
            listed.take({i: table.columns[i] for i in kept}, table.keys, values)
        table.verify()
    return _outcome(request, table, found, groups, kept, observer)


def _kept(request: Request, table: Table, found: Reduced) -> Sequence[int]:
    """Return the indices of the columns that are described. Raises InputError where none is."""
    from pipeline.statistics.sufficient import numbers_alone

    if not request.query.leaves_out:
        return range(len(found.columns))
    kept = numbers_alone(found.columns)
    if not kept:
        raise InputError(f"{table.paths[0]} has no column that holds numbers alone")
    return kept


def _outcome(
    request: Request,
    table: Table,
    found: Reduced,
    groups: GroupTable | None,
    kept: Sequence[int],
    observer: Observer,
) -> Outcome:
    """Return what was `found`, and tell what the user cannot see in it."""
    from pipeline.request import Outcome
    from pipeline.statistics.groups import with_groups

    rejects = found.segment.rejects
    if more := rejects.count - len(rejects.first):
        observer.notice(f"{more:,} more cells and rows were skipped than --max-rejects keeps")
    profiles = (column.rows.profile for column in found.columns if request.report)
    outcome = Outcome(
        tuple(found.results()),
        found.segment.partials,
        table.keys,
        groups,
        tuple(found.distributions),
        tuple(profiles),
        rejects=rejects if request.query.max_rejects else None,
    )
    if request.query.leaves_out:
        outcome = outcome.only(kept)
    if outcome.left_out:
        observer.notice(f"left out, for they hold no numbers: {', '.join(outcome.left_out)}")
    whole = with_groups(outcome.results, outcome.groups, table.keys)
    return replace(outcome, results=tuple(replace(one, rejects=rejects.first) for one in whole))


def _listed(name: str | None) -> DistributionFile | None:
    """Return what becomes the file of that name; None where there is none."""
    if name is None:
        return None
    from pipeline.report.distribution_file import DistributionFile

    return DistributionFile(name)


def _command() -> str:
    """Return this command line as it can be typed again."""
    import shlex

    return f"python -m pipeline.run {shlex.join(sys.argv[1:])}"


def _trim_startup() -> None:
    """Spare this process, which is the run's own, what takes half the time of a small run.

    Packages that nobody uses here appear not to be installed, garbage is looked for less often, and
    glibc gives large arrays back to the system as soon as they are freed, and keeps smaller ones.
    """
    for name in _UNUSED_PACKAGES:
        sys.modules.setdefault(name, cast("ModuleType", None))
    gc.set_threshold(_GC_THRESHOLD)
    with suppress(AttributeError, OSError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)


def _prepare(*, page: bool, groups: bool) -> None:
    """Begin to load what writes a page, and groups: it is needed when the workers are done."""
    from importlib import import_module
    from threading import Thread

    def load() -> None:
        if groups:
            import_module("pipeline.report.group_files")
        if page:
            from pipeline.report.page.render import prepare

            prepare()

    if page or groups:
        Thread(target=load, daemon=True).start()


@click.command(epilog=options.EPILOG)
@click.argument("files", metavar="[FILE]...", nargs=-1)
@options.of_run
def main(files: tuple[str, ...], **given: Any) -> None:
    """Compute the statistics of columns of FILE, exactly and in parallel, by group if you like.

    FILE is a CSV file, or a Parquet file if its name ends with .parquet: then the options from
    --no-header to --skip-lines mean nothing and are refused. CSV may be compressed: gzip, zstd,
    bzip2, xz, or a zip archive of one file. Several files are one table, their
    rows in the order given; a pattern such as 'more/*.csv' stands for files sorted by name. It
    defaults to the cluster's share, /mnt/shared/Datos_Hidrometeorologicos.csv. The result is the
    same to the last byte whatever the partitions, the workers and their failures.
    """
    chosen = RunArguments(**given)
    with exits(verbose=chosen.verbose):
        _trim_startup()
        from functools import partial

        from pipeline.engine.connect import connect, recorded
        from pipeline.report.files import check, contents, names, whole, write
        from pipeline.report.page.again import Again
        from pipeline.report.page.run_log import RunLog

        listed = _listed(chosen.distribution_file)
        request = chosen.request(files or [str(DEFAULT)])
        wanted = names(
            partials=chosen.partials,
            groups=chosen.group_format,
            rejects=chosen.rejects_file,
            distribution=chosen.distribution_file,
            page=chosen.page,
        )
        promise(chosen.output / name for name in wanted)
        check(chosen.output, wanted)
        cluster = partial(connect, chosen.scheduler, chosen.workers, chosen.priority)
        if chosen.performance_report:
            cluster = partial(recorded, cluster, chosen.performance_report)
        with Progress(quiet=chosen.quiet) as progress:
            prepare = partial(_prepare, page=bool(chosen.page), groups=bool(chosen.by))
            log = RunLog(progress, prepare)
            outcome = run(request, cluster, log, listed=listed)
            log.end()
        results, sayings = contents(outcome, chosen.format, chosen.rejects_file), list[str]()
        if chosen.page:
            from pipeline.report.page.render import page_and_sayings

            again = Again.of(request.paths, whole(results), _command())
            page, sayings = page_and_sayings(outcome, log, again, chosen.lang)
            results[chosen.page] = page.encode()
        if listed:
            results[listed.name] = listed.content()
        written = write(results, chosen.output)
        show(outcome, written, sayings, as_json=chosen.json)


if __name__ == "__main__":
    end(main)
