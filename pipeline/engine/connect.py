"""Where a run goes: a cluster that is up, the user's own client, or threads of this process."""

from __future__ import annotations

import os
from contextlib import contextmanager, nullcontext
from logging import CRITICAL
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, cast

import dask
from dask.base import annotate
from distributed import Client, LocalCluster, Worker, performance_report
from distributed.system import MEMORY_LIMIT
from distributed.utils import silence_logging_cmgr

from pipeline.engine.dashboard import load_on_request, refuse_other_sites
from pipeline.engine.residue import one_span
from pipeline.errors import ClusterError, InputError, cause

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tornado.platform.asyncio import BaseAsyncIOLoop

CONNECT_SECONDS = 20
WORKER_SECONDS = 45

_LOCAL_MEMORY = min(2 << 30, MEMORY_LIMIT)
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


@contextmanager
def connect(
    scheduler: str | None = None, workers: int | None = None, priority: int = 0
) -> Iterator[Client]:
    """Connect to `scheduler`, to the one that Dask's configuration names, or start a local cluster.

    There, tasks have a `priority` over those of others. The local one is this process, with
    `workers` threads, by default one for each core. Raises ClusterError when no scheduler answers.
    """
    known = scheduler or dask.config.get("scheduler-address", None)
    if not known:
        with _local(workers or os.cpu_count() or 1) as cluster, Client(cluster) as client:
            _end_in_silence(client)
            yield client
        return
    try:
        client = Client(known, timeout=f"{CONNECT_SECONDS}s")
    except (OSError, TimeoutError, ValueError) as error:
        raise ClusterError(
            f"no Dask scheduler answers at {known} ({cause(error)}); is the cluster up "
            "(python -m cluster status), and is this machine's certificate in Dask's "
            "configuration?"
        ) from error
    _end_in_silence(client)
    # What Dask would log of a lost scheduler is in the error.
    with silence_logging_cmgr(CRITICAL), client, one_span(client), _before_others(priority):
        yield client


def _end_in_silence(client: Client) -> None:
    """Let nobody hear of exceptions that nobody asks for any more when the client's loop ends.

    Dask sends what has gathered every few milliseconds, and is left in the middle of waiting so.
    """

    def heard(loop: AbstractEventLoop, context: dict[str, Any]) -> None:
        if "never retrieved" not in context["message"]:
            loop.default_exception_handler(context)

    cast("BaseAsyncIOLoop", client.loop).asyncio_loop.set_exception_handler(heard)


@contextmanager
def recorded(cluster: Callable[[], AbstractContextManager[Client]], page: Path) -> Iterator[Client]:
    """Open the `cluster`, and write Dask's own report on what it did to the file `page`.

    Raises InputError when there is no folder for it.
    """
    if not page.parent.is_dir():
        raise InputError(f"{page.parent} is no folder; make it, or put {page.name} elsewhere")
    with cluster() as client, performance_report(filename=str(page), mode="inline"):
        yield client


@contextmanager
def borrow(client: Client, priority: int = 0) -> Iterator[Client]:
    """Use the user's own client, which may be one of several and not the default.

    Tasks have a `priority` over those of others.
    """
    with client.as_current(), one_span(client), _before_others(priority):
        yield client


def _before_others(priority: int) -> AbstractContextManager[None]:
    """Give all that is submitted in the block a priority; 0 leaves it to the user's annotations.

    It decides which task is next, and nothing of what is computed: merges have a fixed order.
    """
    return annotate(priority=priority) if priority else nullcontext()


class _QuietWorker(Worker):
    """A worker without pages of its own, which would take most of a second to load."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options | {"dashboard": False})


def _private_folder() -> TemporaryDirectory[str]:
    """Return a folder of this process alone, for what is spilled.

    Dask's own has a name that everybody knows, so that somebody else may own it, and Dask imports
    modules from there.
    """
    wanted = dask.config.get("temporary-directory", None)
    if wanted:
        Path(wanted).mkdir(parents=True, exist_ok=True)
    return TemporaryDirectory(prefix="dask-swarm-", dir=wanted, ignore_cleanup_errors=True)


@contextmanager
def _local(threads: int) -> Iterator[LocalCluster]:
    """Start a scheduler and a worker in this process, seen from this machine alone.

    The worker's threads suffice: kernels run without the interpreter's lock.
    """
    with (
        _private_folder() as folder,
        dask.config.set(_LOCAL_CONFIG | {"temporary-directory": folder}),
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
        load_on_request(cluster.scheduler)
        for node in (cluster.scheduler, *cluster.workers.values()):
            refuse_other_sites(node)
        yield cluster


def cores(client: Client) -> int:
    """Return how many tasks the cluster runs at once; wait a while for its first worker.

    Raises ClusterError when none comes.
    """
    try:
        client.wait_for_workers(1, timeout=WORKER_SECONDS)
    except TimeoutError:
        raise ClusterError(
            f"the scheduler at {address(client)} has had no worker for {WORKER_SECONDS} s; "
            "is a node labelled, and does its worker run (python -m cluster status)?"
        ) from None
    try:
        return sum(client.nthreads(callback_timeout=WORKER_SECONDS).values())
    except TimeoutError as error:
        raise ClusterError(
            f"the scheduler at {address(client)} did not answer within {WORKER_SECONDS} s; "
            "see why with: python -m cluster doctor"
        ) from error


def address(client: Client) -> str:
    """Return where a client's scheduler is, or was."""
    return str(client.scheduler.address) if client.scheduler else "its address"
