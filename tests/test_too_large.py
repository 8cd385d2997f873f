"""A task that is too large for its workers ends before it has killed them all, and says why."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from threading import Event
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from distributed import Client, LocalCluster, get_worker
from distributed.diagnostics.plugin import SchedulerPlugin
from service.blame import Blame
from service.memory import ENOUGH_IN_COMPANY, Loss, at_work, blamed, sentence
from service.node import METRIC, kills

from pipeline.engine.wait import Patience, wait_for
from pipeline.errors import ClusterError
from tests.pace import limit, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LIMIT = 400 << 20
"""Bytes for a worker, which has 120 MB without doing anything."""


def loss(used: int = 0, limit: int = 100, count: int | None = 3, *suspects: str) -> Loss:
    """Return a loss on a node."""
    return Loss("tcp://a:1", "a", used, limit, count, suspects)


@pytest.mark.parametrize(("used", "bound", "full"), [(79, 100, 0), (80, 100, 1), (80, 0, 0)])
def test_a_worker_that_was_nearly_full(used: int, bound: int, full: int):
    assert loss(used, bound).nearly_full == bool(full)


@pytest.mark.parametrize(
    ("before", "now", "killed"),
    [(3, 4, True), (3, 3, False), (3, 0, False), (None, 4, False), (3, None, False)],
)
def test_a_worker_that_the_kernel_killed(before: int | None, now: int | None, *, killed: bool):
    """The count rises; after a reboot it begins anew, and it may not be known."""
    assert loss(0, 100, before).killed_by(now) is killed


def test_the_count_of_the_kernel():
    """As /proc/vmstat has it."""
    assert kills("nr_free_pages 5\noom_kill 7\n") == 7
    assert kills("nr_free_pages 5\n") is None


def test_what_a_worker_was_at():
    """What it told of, unless it has done that since; else what came next."""
    assert at_work({"b"}, ["a", "b", "c"], 1) == ("b",)
    assert at_work({"z"}, ["a", "b", "c"], 2) == ("a", "b")
    assert at_work(set(), [], 1) == ()


def test_two_workers_lost_to_one_task_are_enough():
    """Not one; and where others were at work, too, it must stand out."""
    losses = defaultdict(list, a=[loss()])
    assert blamed(losses, ["a"]) == []
    losses["a"].append(loss())
    assert blamed(losses, ["a"]) == ["a"]
    losses["b"].append(loss())
    assert blamed(losses, ["a", "b"]) == ["a"]
    losses["b"].append(loss())
    assert blamed(losses, ["a", "b"]) == []
    for key in "ab":
        losses[key] = [loss()] * ENOUGH_IN_COMPANY
    assert blamed(losses, ["a", "b"]) == ["a", "b"]
    assert blamed(losses, []) == []


def test_the_processes_of_a_node_that_are_lost_together_are_told_apart():
    """The kernel's count explains both of them, and nothing that was lost elsewhere."""
    blame, charged = Blame(), []
    blame._charge = charged.append
    lost = [replace(loss(), worker=f"tcp://{node}:{i}", node=node) for i, node in enumerate("aab")]
    for each in lost:
        blame._lose(each, told=False)
    newcomer = SimpleNamespace(metrics={METRIC: {"name": "a", "kills": 4}}, host="a")
    blame.add_worker(SimpleNamespace(workers={"tcp://a:9": newcomer}), "tcp://a:9")
    assert charged == lost[:2]


def test_the_sentence_has_node_task_memory_and_limit():
    """Once for each worker that was lost."""
    found = sentence(("read", 7), [loss(3 << 20, 4 << 20), loss(2 << 20, 0)])
    assert found == (
        "task ('read', 7) needs more memory than a worker has: it has ended 2 workers, "
        "on a (last seen with 3.00 MiB, limit 4.00 MiB) and on a (last seen with 2.00 MiB, "
        "limit none)"
    )


def take(part: float) -> bytearray:
    """Take a part of a worker's limit."""
    taken = bytearray(int(part * LIMIT))
    pages = slice(None, None, 1 << 12)
    taken[pages] = b"x" * len(taken[pages])
    return taken


def tell() -> None:
    """Let the scheduler know how much this worker has."""
    worker: Any = get_worker()
    asyncio.run_coroutine_threadsafe(worker.heartbeat(), worker.loop.asyncio_loop).result(limit())


def die(part: float, spared: Path) -> bool:
    """Take a part of the worker's limit and end the worker, unless there is a file `spared`."""
    taken = take(part)
    tell()
    if not spared.exists():
        os.kill(os.getpid(), signal.SIGKILL)
    return bool(taken)


def die_of_the_kernel(_: float, counter: Path) -> None:
    """End the worker, of which the kernel's count knows."""
    tell()
    counter.write_text(str(int(counter.read_text()) + 1))
    os.kill(os.getpid(), signal.SIGKILL)


def grow(part: float, path: Path) -> None:
    """Take more than the worker may have, and wait for the nanny to end it."""
    taken = take(1 + part)
    assert not Event().wait(limit()), (taken, path)


def node(counter: Path, worker: Any) -> dict[str, object]:
    """Return what a worker tells of its node, where its nanny stays, with the count in a file."""
    return {"name": f"node of {worker.nanny}", "kills": int(counter.read_text())}


@contextmanager
def cluster(counter: Path, allowed: int = 10, *plugins: SchedulerPlugin) -> Iterator[Client]:
    """Two workers with a nanny each; a task that has cost more workers than allowed is ended."""
    counter.write_text("5")
    with (
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            memory_limit=LIMIT,
            dashboard_address=None,
            scheduler_kwargs={"validate": True, "allowed_failures": allowed, "plugins": plugins},
            metrics={METRIC: partial(node, counter)},
        ) as running,
        Client(running) as client,
    ):
        yield client


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with cluster(tmp_path / "counter", 10, Blame()) as client:
        yield client


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "x.csv"
    path.write_text("x\n1\n")
    return path


PATIENCE = Patience(stalled=limit(), poll=0.1)


@pytest.mark.parametrize(
    ("end", "part", "file"),
    [(die, 0.85, "never"), (grow, 0.1, "x.csv"), (die_of_the_kernel, 0.01, "counter")],
)
def test_a_task_that_is_too_large_ends_after_two_workers(
    client: Client, path: Path, end: Callable[..., Any], part: float, file: str
):
    """The workers were nearly full, or ended by the nanny or the kernel: one sentence says it.

    What the task needs is lost with its worker, so it waits when it is judged; and what needs it
    fails with it.
    """
    needed = client.submit(float, part)
    large = client.submit(end, needed, path.with_name(file), key="large")
    with pytest.raises(ClusterError) as refusal:
        wait_for(client, client.submit(bool, large), [path], PATIENCE)
    place = r"on node of tcp://\S+ \(last seen with \d+\.\d\d MiB, limit 400\.00 MiB\)"
    assert re.fullmatch(
        rf"task large needs more memory than a worker has: it has ended [23] workers, {place}"
        rf"(, {place})? and {place}; try .*",
        str(refusal.value),
    )
    assert client.submit(sum, [1, 2]).result(limit()) == 3
    assert not client.cluster.scheduler.plugins[Blame.name]._losses


def test_a_task_is_not_to_blame_for_other_losses(client: Client, path: Path, tmp_path: Path):
    """Its workers are killed again and again, with memory to spare."""
    spared, scheduler = tmp_path / "spared", client.cluster.scheduler
    before = scheduler._workers_removed_total
    struck = client.submit(die, 0.01, spared, key="struck")
    until(lambda: scheduler._workers_removed_total - before >= 5, "five lost workers")
    spared.touch()
    assert wait_for(client, struck, [path], PATIENCE)


def test_a_task_that_is_too_large_for_a_scheduler_without_blame(path: Path):
    """The reason is the nanny's."""
    with cluster(path.with_name("counter"), 0) as client:
        large = client.submit(grow, 0.1, path, key="large")
        with pytest.raises(ClusterError) as refusal:
            wait_for(client, large, [path], PATIENCE)
    assert re.fullmatch(
        r"task large needs more memory than a worker has: it has ended 1 workers, the last of them "
        r"\d at tcp://\S+ \(with \d+\.\d\d MiB, limit 400\.00 MiB\); try .*",
        str(refusal.value),
    )
