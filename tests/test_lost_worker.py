"""A worker that is lost between "done" and its result costs time, and never holds a run up."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from operator import add
from time import monotonic
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.engine.observer import Observer
from pipeline.engine.preflight import check
from pipeline.engine.wait import Patience, _asking, wait_for
from pipeline.errors import ClusterError
from tests.clusters import local
from tests.pace import limit, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from distributed import Client

SHORT = Patience(stalled=0.5, poll=0.1)


class Heard(Observer):
    """Keeps what it hears of a wait."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.watched: list[tuple[int, str]] = []

    def watch(self, workers: int, waits: str) -> None:
        self.watched.append((workers, waits))


class Struck:
    """A client whose workers get a signal once the first result is there and before it is asked."""

    def __init__(self, client: Client, sent: signal.Signals) -> None:
        """Send `sent`, once."""
        self._client, self._signal = client, sent

    def __getattr__(self, name: str) -> Any:
        """Do all else as the client does it."""
        return getattr(self._client, name)

    def gather(self, future: Any, **options: Any) -> Any:
        if self._signal:
            until(future.done, "the task")
            strike(self._client, self._signal)
            self._signal = None
        return self._client.gather(future, **options)


def strike(client: Client, sent: signal.Signals) -> None:
    """Send all workers a signal."""
    for nanny in client.cluster.workers.values():
        os.kill(nanny.pid, sent)


@pytest.fixture
def client() -> Iterator[Client]:
    """Two workers, each in a process of its own that is started again when it ends."""
    with local(2, processes=True) as client:
        yield client


@pytest.fixture
def mortal(client: Client) -> Client:
    """The same, but those that end stay away."""

    async def stay_away() -> None:
        """Start no process again."""

    for nanny in client.cluster.workers.values():
        nanny.instantiate = stay_away
    return client


def ends(action: Callable[[], Any]) -> Any:
    """Do something that might hang for ever, and must not."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(action).result(limit())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "x.csv"
    path.write_text("x\n1\n")
    return path


def test_the_check_asks_workers_that_are_started_again(client: Client, path: Path) -> None:
    """They are others than those that answered."""
    patience = Patience(stalled=limit(), poll=0.1)
    ends(lambda: check(Struck(client, signal.SIGKILL), [path], patience))


def test_the_check_ends_without_workers(mortal: Client, path: Path) -> None:
    """All were there when it began."""
    with pytest.raises(ClusterError, match=r"no worker has stayed to answer within 0\.5 s"):
        ends(lambda: check(Struck(mortal, signal.SIGKILL), [path], SHORT))


def test_a_result_that_is_lost_is_computed_again(client: Client, path: Path) -> None:
    """By a worker that is started later."""
    patience = Patience(stalled=limit(), poll=0.1)
    struck = Struck(client, signal.SIGKILL)
    assert ends(lambda: wait_for(struck, client.submit(add, 1, 2), [path], patience)) == 3


def test_a_result_that_is_lost_for_good_ends_the_wait(mortal: Client, path: Path) -> None:
    """It is nowhere, and nobody is there to compute it again."""
    struck, heard = Struck(mortal, signal.SIGKILL), Heard()
    with pytest.raises(ClusterError, match=r"has had no worker for 0\.5 s"):
        ends(lambda: wait_for(struck, mortal.submit(add, 1, 2), [path], SHORT, heard))
    assert (0, "waiting for a worker") in heard.watched


def test_a_scheduler_that_is_lost_ends_the_wait(path: Path) -> None:
    """In a sentence without the names of tasks."""
    with local(1) as client, ThreadPoolExecutor(1) as pool:
        scheduler = client.cluster.scheduler
        waiting = client.submit(add, 1, 2, workers=["127.0.0.1:1"])  # nobody is there
        ended = pool.submit(wait_for, client, waiting, [path])
        until(lambda: waiting.key in scheduler.tasks, "the task")
        client.loop.add_callback(client.scheduler_comm.abort)
        with pytest.raises(ClusterError) as refusal:
            ended.result(limit())
    assert str(refusal.value) == (
        f"the scheduler at {scheduler.address} was lost during the run; run again when it is back"
    )


def test_a_worker_that_freezes_with_its_result_ends_both(client: Client, path: Path) -> None:
    """The scheduler still counts it among the workers."""
    done = client.submit(add, 1, 2)
    try:
        with pytest.raises(ClusterError, match=r"did not answer within 0\.5 s"):
            ends(lambda: check(Struck(client, signal.SIGSTOP), [path], SHORT))
        strike(client, signal.SIGCONT)
        with pytest.raises(ClusterError, match=r"not handed over a result for 0\.5 s"):
            ends(lambda: wait_for(Struck(client, signal.SIGSTOP), done, [path], SHORT))
    finally:
        strike(client, signal.SIGCONT)


def test_a_task_that_ends_its_workers_ends_the_wait(client: Client, path: Path) -> None:
    """With its name, and what to try."""
    client.run_on_scheduler(lambda dask_scheduler: setattr(dask_scheduler, "allowed_failures", 0))
    deadly = client.submit(os.abort, key="deadly")
    with pytest.raises(
        ClusterError, match=r"task deadly has lost 1 workers, the last of them \d at"
    ):
        ends(lambda: wait_for(client, deadly, [path], Patience(stalled=limit(), poll=0.1)))


def test_a_question_that_nobody_answers_is_asked_again(path: Path) -> None:
    """A worker is frozen; then the client is closed, and nobody asks any more."""
    asked: list[object] = []

    def run(*_: object, **__: object) -> None:
        asked.append(1)
        raise TimeoutError if len(asked) < 3 else RuntimeError

    patience = Patience(between_questions=0.001)
    with _asking(SimpleNamespace(run=run), [path], patience) as silence:
        until(lambda: len(asked) == 3, "three questions")
    assert silence.longer_than(0, monotonic()) is None
