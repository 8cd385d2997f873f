"""Waiting for results: what goes wrong on the cluster ends the wait, in one sentence."""

from __future__ import annotations

from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any

from distributed import KilledWorker, wait
from distributed.comm.core import CommClosedError

from pipeline.engine.connect import address
from pipeline.engine.liveness import Unresponsive, responds
from pipeline.errors import ClusterError, cause

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from distributed import Client, Future


@dataclass(frozen=True)
class Patience:
    """How long a run waits for what does not answer, in seconds.

    stalled: for a worker, when the cluster has none or it says nothing.
    silent: for a node's file system, counted from the first question that it did not answer.
    answer: for the answer to one question to a file system.
    between_questions: from one question to the next.
    poll: from one look at the cluster to the next.
    """

    stalled: float = 60
    silent: float = 60
    answer: float = 10
    between_questions: float = 15
    poll: float = 2


def wait_for(
    client: Client,
    future: Future[Any],
    path: Path,
    patience: Patience = Patience(),
) -> Any:
    """Return the result of a future whose tasks read the file at `path`.

    Raises ClusterError when the scheduler is lost, when there is no worker or a node's share is
    silent for too long, and when a task ends its workers; else what the task itself raises. Tasks
    that wait for a share end by themselves as soon as it is back.
    """
    try:
        with reachable(client):
            with _asking(client, path, patience) as silence:
                _until_done(client, future, path, silence, patience)
            return future.result()
    except KilledWorker as error:
        raise ClusterError(
            f"partition {error.task} ended {error.allowed_failures + 1} workers, the last of them "
            f"at {error.last_worker.address}; had it too little memory? Try more --partitions"
        ) from error


def _until_done(
    client: Client, future: Future[Any], path: Path, silence: Unresponsive, patience: Patience
) -> None:
    """Wait until a future is done; give up when workers or the share are gone for a while."""
    seen = monotonic()
    while not future.done():
        try:
            wait(future, timeout=patience.poll)
        except TimeoutError:
            seen = monotonic() if client.nthreads() else seen
        if monotonic() - seen > patience.stalled:
            raise ClusterError(
                f"the cluster has had no worker for {patience.stalled} s; "
                "see why with: python -m cluster status"
            )
        if node := silence.longer_than(patience.silent, monotonic()):
            raise ClusterError(
                f"node {node} has waited {patience.silent} s for {path}; does the "
                "server of this share run? Run again when it is back"
            )


@contextmanager
def reachable(client: Client) -> Iterator[None]:
    """Say in one sentence, as a ClusterError, that the scheduler is gone."""
    try:
        yield
    except (CancelledError, CommClosedError, OSError) as error:
        raise ClusterError(
            f"the scheduler at {address(client)} was lost during the run "
            f"({cause(error)}); run again when it is back"
        ) from error


@contextmanager
def _asking(client: Client, path: Path, patience: Patience) -> Iterator[Unresponsive]:
    """Ask all nodes again and again whether they can read a file; note who stays silent."""
    silence, ended = Unresponsive(), Event()

    def ask() -> None:
        while not ended.wait(patience.between_questions):
            asked = monotonic()
            try:
                found = client.run(responds, path, patience.answer, on_error="return")
            except (CancelledError, CommClosedError, OSError, RuntimeError, ValueError):
                return  # the client is closed, or its scheduler lost: `reachable` says so
            silence.hear((one for one in found.values() if isinstance(one, tuple)), asked)

    Thread(target=ask, daemon=True).start()
    try:
        yield silence
    finally:
        ended.set()
