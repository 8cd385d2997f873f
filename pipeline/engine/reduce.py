"""Dask, and nothing else: one graph of leaves that read and summarise, and ordered merges.

Where a column has many distinct values, the first merges cut them into ranges. Each range is
merged, kept and looked into on the workers, which spill to disk what is too much for them.

The same code for a cluster that is up, the user's own `Client`, and a `LocalCluster` whose workers
are threads of this process (the kernels run without the interpreter's lock).
"""

from __future__ import annotations

import os
import secrets
import socket
from collections import deque
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial, reduce
from importlib.metadata import version
from itertools import chain, cycle
from logging import CRITICAL
from operator import getitem
from pathlib import Path
from threading import Event, Thread, Timer
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar, cast

import dask
from dask.base import annotate
from dask.sizeof import sizeof
from distributed import Client, Future, KilledWorker, LocalCluster, Worker, get_worker, wait
from distributed.comm.core import CommClosedError
from distributed.utils import silence_logging_cmgr

from pipeline.engine.liveness import Unresponsive, answers
from pipeline.engine.observer import PartitionRead
from pipeline.errors import ClusterError, InputError
from pipeline.fingerprint import fingerprint
from pipeline.formats.table import Identity
from pipeline.partitions.fold import fold
from pipeline.partitions.planning import refuse_many
from pipeline.partitions.segment import Job, Segment, Segments, join, read, reread
from pipeline.partitions.value_ranges import lanes, locate, width
from pipeline.statistics.aggregates import Aggregates
from pipeline.statistics.finish import SufficientStatistics, ranks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pipeline.engine.observer import Observer
    from pipeline.formats.partition import Partition
    from pipeline.partitions.planning import MergePlan
    from pipeline.partitions.value_ranges import RangeSummary
    from pipeline.statistics.summary import Summary

Item = TypeVar("Item")
Made = TypeVar("Made")

FAN_IN = 8
"""Neighbours that one merge takes in: all that it reads is in memory at once.

Half of them between the first merges and the last, where what is read is larger.
"""

RETRIES = 3
CONNECT_SECONDS = 20
WORKER_SECONDS = 45
STALLED_SECONDS = 60
POLL_SECONDS = 2
LISTEN_SECONDS = 15
SILENT_SECONDS = 60
DASHBOARD_SECONDS = 3
_LOCAL_CONFIG = {
    "distributed.scheduler.worker-saturation": 10,
    "distributed.worker.profile.enabled": False,
    "distributed.dashboard.link": "http://127.0.0.1:{port}/status",
    # The worker is this process: only what it holds for tasks may be spilled, nothing killed.
    "distributed.worker.memory.target": 0.25,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
}
_LOCAL_MEMORY = "1GiB"
_PACKAGES = ("dask", "distributed", "numpy", "numba")


@contextmanager
def connect(scheduler: str | None = None, workers: int | None = None) -> Iterator[Client]:
    """Connect to `scheduler`, to the one that Dask's configuration names, or start a LocalCluster.

    Raises ClusterError when no scheduler answers.
    """
    address = scheduler or dask.config.get("scheduler-address", None)
    if address:
        try:
            client = Client(address, timeout=f"{CONNECT_SECONDS}s")
        except (OSError, TimeoutError, ValueError) as error:
            raise ClusterError(
                f"no Dask scheduler answers at {address} ({_cause(error)}); is the cluster up "
                "(python -m cluster status), and is this machine's certificate in Dask's "
                "configuration?"
            ) from error
        # What Dask would log of a lost scheduler is in the error.
        with silence_logging_cmgr(CRITICAL), client:
            yield client
        return
    with _local(workers or os.cpu_count() or 1) as cluster, Client(cluster) as client:
        yield client


@contextmanager
def borrow(client: Client) -> Iterator[Client]:
    """Use the user's own client, which may be one of several and not the default."""
    with client.as_current():
        yield client


class _QuietWorker(Worker):
    """A worker without pages of its own, which would take most of a second to load."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options | {"dashboard": False})


@contextmanager
def _local(threads: int) -> Iterator[LocalCluster]:
    """Start a scheduler and a worker in this process, seen from this machine alone.

    The dashboard's pages take most of a second to load: they follow when a run lasts.
    """
    with (
        dask.config.set(_LOCAL_CONFIG),
        LocalCluster(
            n_workers=1,
            threads_per_worker=threads,
            processes=False,
            memory_limit=_LOCAL_MEMORY,
            worker_class=_QuietWorker,
            dashboard_address="127.0.0.1:0",
            worker_dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            silence_logs=CRITICAL,  # what Dask would log is in the error
        ) as cluster,
    ):
        pages = Timer(DASHBOARD_SECONDS, _add_dashboard, [cluster])
        pages.daemon = True
        pages.start()
        try:
            yield cluster
        finally:
            pages.cancel()


def _add_dashboard(cluster: LocalCluster) -> None:
    from distributed.dashboard.scheduler import connect as add_pages

    loop, scheduler = cluster.loop, cluster.scheduler
    if loop and scheduler:
        loop.add_callback(add_pages, scheduler.http_application, scheduler.http_server, scheduler)


def cores(client: Client) -> int:
    """Return how many tasks the cluster runs at once; wait a while for its first worker."""
    try:
        client.wait_for_workers(1, timeout=WORKER_SECONDS)
    except TimeoutError:
        raise ClusterError(
            f"the scheduler at {_address(client)} has had no worker for {WORKER_SECONDS} s; "
            "is a node labelled, and does its worker run (python -m cluster status)?"
        ) from None
    return sum(client.nthreads().values())


def check(client: Client, path: Path) -> None:
    """Refuse a cluster whose workers differ: in versions, or in the file that they see."""
    here = _state(path)
    with _reachable(client):
        states = {
            address: client.submit(_state, path, workers=[address], pure=False, retries=0)
            for address in client.nthreads()
        }
        ends = monotonic() + STALLED_SECONDS
        while True:
            present = client.nthreads()
            states = {a: future for a, future in states.items() if a in present}
            waiting = [future for future in states.values() if not future.done()]
            if not waiting or monotonic() > ends:
                break
            with suppress(TimeoutError):
                wait(waiting, timeout=POLL_SECONDS)
    for address, future in states.items():
        if not future.done():
            raise ClusterError(
                f"the worker at {address} did not answer within {STALLED_SECONDS} s; "
                "see why with: python -m cluster doctor"
            )
        there = future.result() if future.status == "finished" else future.exception()
        _compare(address, path, here, there)


@dataclass(frozen=True)
class _State:
    node: str
    versions: dict[str, str]
    identity: Identity | None


def _state(path: Path) -> _State:
    try:
        identity = Identity.of(path)
    except OSError:
        identity = None
    versions = {name: version(name) for name in _PACKAGES} | {"pipeline": fingerprint()}
    return _State(socket.gethostname(), versions, identity)


def _compare(address: str, path: Path, here: _State, there: object) -> None:
    if not isinstance(there, _State):
        raise ClusterError(
            f"the worker at {address} cannot run this package ({_cause(there)}); "
            "does it run the cluster's image?"
        )
    if there.versions != here.versions:
        differing = ", ".join(
            f"{name} {there.versions.get(name, 'of old')} instead of {ours}"
            for name, ours in here.versions.items()
            if there.versions.get(name) != ours
        )
        raise ClusterError(
            f"node {there.node} has {differing}; bring it up to date: python -m cluster up"
        )
    if there.identity is None:
        raise InputError(f"node {there.node} cannot read {path}; is the share mounted there?")
    if there.identity != here.identity:
        raise InputError(
            f"node {there.node} sees another {path} than this machine (size, time or first bytes "
            "differ); is the same share mounted there?"
        )


@sizeof.register(Segment)
def _size(stretch: Segment[Any]) -> int:
    """Return what Dask counts to know when to spill."""
    return int(stretch.summary.values.nbytes)


def summarise(
    client: Client,
    job: Job,
    partitions: Sequence[Partition],
    plan: MergePlan,
    watcher: Observer,
) -> tuple[Segment[Summary], SufficientStatistics]:
    """Read all partitions on the cluster; return the stretch that they make, and what is in it.

    With edges in the plan, ranges of values stay on the workers. Raises InputError for a row that
    cannot be read, TooManyDistinctError (of `partitions.planning`) where another plan is needed.
    """
    with _telling(client, watcher) as topic:
        trees = _reduce(client, job, partitions, plan, topic)
        stretch, ranges = _settle(client, job, partitions, plan, trees)
    if stretch.problem:
        raise InputError(job.table.sentence(stretch.problem))
    if not plan.edges:
        return stretch, SufficientStatistics.of(stretch.summary, job.percentiles)
    parts = [client.submit(_digest, future, retries=RETRIES) for future in ranges]
    digests: list[Aggregates] = _result(client, client.submit(list, parts), job.table.path)
    wanted = ranks(stretch.summary.count, job.percentiles)
    selections = [
        client.submit(_select, future, inside, retries=RETRIES)
        for future, inside in zip(ranges, locate(digests, wanted), strict=True)
        if inside
    ]
    found = _result(client, client.submit(list, selections), job.table.path)
    order = dict(zip(wanted, chain.from_iterable(found), strict=True))
    whole = reduce(Aggregates.merge, digests)
    return stretch, SufficientStatistics(stretch.summary, whole, order)


@contextmanager
def _telling(client: Client, watcher: Observer) -> Iterator[str]:
    """Open the topic on which leaves tell a watcher that they are done."""
    topic = secrets.token_hex(4)
    client.subscribe_topic(topic, lambda event: watcher.done(PartitionRead(*event[1])))
    try:
        yield topic
    finally:
        if client.status == "running":
            client.unsubscribe_topic(topic)


def _settle(
    client: Client,
    job: Job,
    partitions: Sequence[Partition],
    plan: MergePlan,
    trees: list[Future[Any]],
) -> tuple[Segment[Summary], list[Future[Any]]]:
    """Return the one stretch that the partitions make, and its ranges.

    What a partition guessed wrong about its first row shows when it is merged, and is read again.
    """
    stretches = _result(client, trees[0], job.table.path)
    while len(stretches) > 1 and not stretches[0].problem:
        first, wrong, *_ = stretches
        again = [part for part in partitions if wrong.start <= part.start < wrong.stop]
        redone = client.submit(_reread, plan, job, again, first.end, retries=RETRIES)
        trees = [
            client.submit(_mend, tree, redone, i, retries=RETRIES) for i, tree in enumerate(trees)
        ]
        stretches = _result(client, trees[0], job.table.path)
    return stretches[0], trees[1:]


def _reduce(
    client: Client, job: Job, partitions: Sequence[Partition], plan: MergePlan, topic: str
) -> list[Future[Any]]:
    """Begin the ordered tree: leaves read, every merge joins a few neighbours.

    What the first merges make is divided into lanes, and each lane has a tree of its own. The lanes
    of ranges are spread over the workers; Dask would merge them where the first ones happen to be.
    """
    token = secrets.token_hex(4)
    leaf = partial(_leaf, plan, job, topic)
    split, merge = partial(_split, plan), partial(_merge, plan)
    leaves = {(f"summarise-{token}", i): (leaf, part) for i, part in enumerate(partitions)}
    splits = _level(list(leaves), split, f"split-{token}", FAN_IN)
    graph: dict[Any, Any] = leaves | splits
    homes: dict[Any, list[str]] = {}
    spread = cycle([[address] for address in client.nthreads()] or [[]])
    roots = []
    for lane in range(width(plan.edges)):
        picks = {
            (f"lane-{lane}-{token}", i): (getitem, name, lane) for i, name in enumerate(splits)
        }
        graph |= picks
        merges, root = _tree(list(picks), merge, f"{lane}-{token}")
        graph |= merges
        homes |= dict.fromkeys(merges, next(spread) if lane else [])
        roots.append(root)
    with annotate(workers=partial(_home, homes), allow_other_workers=True):
        return cast("list[Future[Any]]", client.get(graph, roots, sync=False, retries=RETRIES))


def _home(homes: dict[Any, list[str]], name: Any) -> list[str]:
    """Return the worker on which a task should run, or none."""
    return homes.get(name, [])


def _tree(names: list[Any], merge: Callable[..., Any], token: str) -> tuple[dict[Any, Any], Any]:
    """Return levels of merges until one is left, and its name."""
    graph: dict[Any, Any] = {}
    while len(names) > 1:
        fan_in = FAN_IN if len(names) <= FAN_IN else FAN_IN // 2
        merges = _level(names, merge, f"merge-{len(names)}-{token}", fan_in)
        graph |= merges
        names = list(merges)
    return graph, names[0]


def _level(names: list[Any], merge: Callable[..., Any], token: str, fan_in: int) -> dict[Any, Any]:
    """Return merges of `fan_in` neighbours each."""
    groups = (names[i : i + fan_in] for i in range(0, len(names), fan_in))
    return {(token, i): (merge, *group) for i, group in enumerate(groups)}


def _leaf(plan: MergePlan, job: Job, topic: str, partition: Partition) -> Segments[Summary]:
    with _reading(job.table.path):
        stretch = read(job, partition)
    size = job.table.nbytes(partition)
    get_worker().log_event(topic, (partition.start, size, stretch.summary.count))
    refuse_many(stretch, plan)
    return (stretch,)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Refuse a file that this worker cannot read, naming its node."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f"node {socket.gethostname()} cannot read {path}: {error.strerror}; "
            "is the share mounted there?"
        ) from error


def _merge(plan: MergePlan, *parts: Segments[Any]) -> Segments[Any]:
    merged = fold(join, parts, ())
    for stretch in merged:
        refuse_many(stretch, plan)
    return merged


def _split(plan: MergePlan, *parts: Segments[Summary]) -> list[Segments[Any]]:
    return lanes(_merge(plan, *parts), plan.edges)


def _reread(
    plan: MergePlan, job: Job, partitions: Sequence[Partition], start: int
) -> list[Segments[Any]]:
    """Read partitions again; return the lanes of what they make."""
    return lanes(reread(job, partitions, start), plan.edges)


def _mend(stretches: Segments[Any], redone: Sequence[Segments[Any]], lane: int) -> Segments[Any]:
    """Put what was read again in the place of the first stretch that did not fit."""
    first, _, *rest = stretches
    return join(join((first,), redone[lane]), tuple(rest))


def _digest(stretches: Segments[RangeSummary]) -> Aggregates:
    return Aggregates.of(stretches[0].summary.values)


def _select(stretches: Segments[RangeSummary], inside: Sequence[int]) -> list[float]:
    return stretches[0].summary.values.select(inside)


def ordered(
    client: Client, function: Callable[[Item], Made], path: Path, items: Iterable[Item], ahead: int
) -> Iterator[Made]:
    """Yield what `function` makes of each item on the cluster, in the items' order.

    No more than `ahead` items are begun before what was made of the first of them is yielded, so
    that what waits stays bounded. `path` is the file that `function` reads.
    """
    begun: deque[Future[Any]] = deque()
    for item in items:
        if len(begun) == ahead:
            yield cast("Made", _result(client, begun.popleft(), path))
        begun.append(client.submit(_make, function, path, item, pure=False, retries=RETRIES))
    while begun:
        yield cast("Made", _result(client, begun.popleft(), path))


def _make(function: Callable[[Item], Made], path: Path, item: Item) -> Made:
    with _reading(path):
        return function(item)


def _result(client: Client, future: Future[Any], path: Path) -> Any:
    """Wait for a result; give up when scheduler, workers or the share have been lost for a while.

    Its tasks end by themselves as soon as the share is back.
    """
    seen = monotonic()
    try:
        with _reachable(client):
            with _listening(client, path) as silence:
                while not future.done():
                    try:
                        wait(future, timeout=POLL_SECONDS)
                    except TimeoutError:
                        seen = monotonic() if client.nthreads() else seen
                    if monotonic() - seen > STALLED_SECONDS:
                        raise ClusterError(
                            f"the cluster has had no worker for {STALLED_SECONDS} s; "
                            "see why with: python -m cluster status"
                        )
                    if node := silence.longer_than(SILENT_SECONDS, monotonic()):
                        raise ClusterError(
                            f"node {node} has waited {SILENT_SECONDS} s for {path}; does the "
                            "server of this share run? Run again when it is back"
                        )
            return future.result()
    except KilledWorker as error:
        raise ClusterError(
            f"partition {error.task} ended {error.allowed_failures + 1} workers, the last of them "
            f"at {error.last_worker.address}; had it too little memory? Try more --partitions"
        ) from error


@contextmanager
def _reachable(client: Client) -> Iterator[None]:
    """Tell in one sentence that the scheduler is gone."""
    try:
        yield
    except (CancelledError, CommClosedError, OSError) as error:
        raise ClusterError(
            f"the scheduler at {_address(client)} was lost during the run "
            f"({_cause(error)}); run again when it is back"
        ) from error


@contextmanager
def _listening(client: Client, path: Path) -> Iterator[Unresponsive]:
    """Ask all nodes again and again whether they can read a file; hear who stays silent."""
    silence, ended = Unresponsive(), Event()

    def listen() -> None:
        while not ended.wait(LISTEN_SECONDS):
            asked = monotonic()
            try:
                found = client.run(answers, path, on_error="return")
            except (CancelledError, CommClosedError, OSError, RuntimeError, ValueError):
                return  # the client is closed, or its scheduler lost: whoever waits will say so
            silence.hear((one for one in found.values() if isinstance(one, tuple)), asked)

    Thread(target=listen, daemon=True).start()
    try:
        yield silence
    finally:
        ended.set()


def _address(client: Client) -> str:
    return str(client.scheduler.address) if client.scheduler else "its address"


def _cause(error: object) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
