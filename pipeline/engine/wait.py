"""Waiting for results: what goes wrong on the cluster ends the wait, in one sentence."""

from __future__ import annotations

import asyncio
from concurrent import futures
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, cast

from dask.utils import format_bytes
from distributed import KilledWorker
from distributed.comm.core import CommClosedError

from pipeline.engine.connect import address
from pipeline.engine.liveness import Unresponsive, responds
from pipeline.engine.observer import Observer
from pipeline.errors import ClusterError, cause

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from distributed import Client, Future
    from tornado.platform.asyncio import BaseAsyncIOLoop

_SMALLER = "try more --partitions, or give the workers more memory"


@dataclass(frozen=True)
class Patience:
    """How long a run waits for what does not answer, in seconds.

    stalled: for a worker, when the cluster has none or it says nothing.
    scheduler: for the scheduler's answer to one question.
    silent: for a node's file system, counted from the first question that it did not answer.
    answer: for the answer to one question to a file system.
    between_questions: from one question to the next.
    poll: from one look at the cluster to the next.
    """

    stalled: float = 60
    scheduler: float = 60
    silent: float = 60
    answer: float = 10
    between_questions: float = 15
    poll: float = 2


def wait_for(
    client: Client,
    future: Future[Any],
    paths: Sequence[Path],
    patience: Patience = Patience(),
    observer: Observer = Observer(),
) -> Any:
    """Return the result of a future whose tasks read the files at `paths`.

    The `observer` hears of what is waited for. A result that is lost with its worker is computed
    again. Raises ClusterError when the scheduler is lost, when there is no worker, a node's share
    is silent or a result is not handed over for too long, and when a task ends its workers; else
    what the task itself raises. Tasks that wait for a share end by themselves as soon as it is
    back.
    """
    try:
        with (
            reachable(client),
            _asking(client, paths, patience) as silence,
            handing_over(client, future) as handed,
        ):
            _until_handed_over(client, future, handed, paths, silence, patience, observer)
            return handed.result(timeout=0)
    except KilledWorker as error:
        raise ClusterError(_killed(client, error)) from error
    except MemoryError as error:
        raise ClusterError(f"{cause(error)}; {_SMALLER}") from error


def _killed(client: Client, error: KilledWorker) -> str:
    """Return in a sentence what a task did to its workers; a nanny may have told the scheduler why.

    The stack's own scheduler judges earlier, and by more; others leave it at that.
    """
    last, lost = error.last_worker, error.allowed_failures + 1
    limit = format_bytes(last.memory_limit) if last.memory_limit else "none"
    with reachable(client):
        told = [event for _, event in client.get_events("worker-restart-memory")]
    used = [event["rss"] for event in told if event["worker"] == last.address]
    if used:
        return (
            f"task {error.task} needs more memory than a worker has: it has ended {lost} workers, "
            f"the last of them {last.name} at {last.address} (with {format_bytes(used[-1])}, "
            f"limit {limit}); {_SMALLER}"
        )
    return (
        f"task {error.task} has lost {lost} workers, the last of them {last.name} at "
        f"{last.address} (limit of memory {limit}), and nothing says why; see their logs with: "
        f"python -m cluster logs worker. If they had too little memory, {_SMALLER}"
    )


@contextmanager
def handing_over(client: Client, future: Future[Any]) -> Iterator[futures.Future[Any]]:
    """Begin to fetch a result, however often it is lost; what is yielded can be waited for.

    Dask's own `Future.result` hides whether it waits for a worker that is gone, and an attempt with
    a limit would begin anew each time.
    """
    fetching = client.gather(future, asynchronous=True)
    loop = cast("BaseAsyncIOLoop", client.loop).asyncio_loop
    handed = asyncio.run_coroutine_threadsafe(fetching, loop)
    try:
        yield handed
    finally:
        # Cancelled while it waits for the task, Dask's gathering would log an error of its own.
        if future.done():
            handed.cancel()
        else:
            future.release()


def workers_of(client: Client, patience: Patience) -> dict[str, int]:
    """Return the threads of each worker by its address; raise TimeoutError without an answer."""
    return dict(client.nthreads(callback_timeout=patience.scheduler))


def _until_handed_over(
    client: Client,
    future: Future[Any],
    handed: futures.Future[Any],
    paths: Sequence[Path],
    silence: Unresponsive,
    patience: Patience,
    observer: Observer,
) -> None:
    """Wait until a result is here; give up when workers or the share are gone for a while."""
    seen = worked = monotonic()
    most = 0
    while not futures.wait([handed], timeout=patience.poll).done:
        workers = len(workers_of(client, patience))
        most = max(most, workers)
        seen = monotonic() if workers else seen
        worked = worked if future.done() else monotonic()
        observer.watch(workers, _waits(workers, most, silence, patience))
        if monotonic() - seen > patience.stalled:
            raise ClusterError(
                f"the cluster has had no worker for {patience.stalled} s; "
                "see why with: python -m cluster status"
            )
        if monotonic() - worked > patience.stalled:
            raise ClusterError(
                f"a worker has not handed over a result for {patience.stalled} s; "
                "see why with: python -m cluster doctor"
            )
        if node := silence.longer_than(patience.silent, monotonic()):
            raise ClusterError(
                f"node {node} has waited {patience.silent} s for {paths[0]}; does the "
                "server of this share run? Run again when it is back"
            )


def _waits(workers: int, most: int, silence: Unresponsive, patience: Patience) -> str:
    """Return what a run waits for, in words; there were `most` workers so far."""
    if not workers:
        return "waiting for a worker"
    if node := silence.longer_than(patience.answer, monotonic()):
        return f"waiting for the share on node {node}"
    lost = most - workers
    return f"{lost} worker{'s' * (lost > 1)} lost" if lost else ""


@contextmanager
def reachable(client: Client) -> Iterator[None]:
    """Say in one sentence, as a ClusterError, that the scheduler is gone."""
    try:
        yield
    except (CancelledError, CommClosedError, OSError) as error:
        # What was cancelled, a task, says nothing to a user.
        why = "" if isinstance(error, CancelledError) else f" ({cause(error)})"
        raise ClusterError(
            f"the scheduler at {address(client)} was lost during the run{why}; "
            "run again when it is back"
        ) from error


@contextmanager
def _asking(client: Client, paths: Sequence[Path], patience: Patience) -> Iterator[Unresponsive]:
    """Ask all nodes again and again whether they can read a file each time; note who is silent."""
    silence, ended = Unresponsive(), Event()

    def ask() -> None:
        every = cycle(paths)
        while not ended.wait(patience.between_questions):
            asked = monotonic()
            try:
                found = client.run(
                    responds,
                    next(every),
                    patience.answer,
                    on_error="return",
                    callback_timeout=patience.answer + patience.stalled,
                )
            except TimeoutError:
                continue  # a worker is frozen: the scheduler will note it
            except (CancelledError, CommClosedError, OSError, RuntimeError, ValueError):
                return  # the client is closed, or its scheduler lost: `reachable` says so
            silence.hear((one for one in found.values() if isinstance(one, tuple)), asked)

    Thread(target=ask, daemon=True).start()
    try:
        yield silence
    finally:
        ended.set()
