"""Runs side by side: a light one has its share, and one that is too large takes nobody with it."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

import cloudpickle
import pytest
from dask.typing import Key
from distributed import Client, Scheduler
from distributed.diagnostics.plugin import SchedulerPlugin

from pipeline import describe
from pipeline.engine.wait import Patience, wait_for
from pipeline.errors import ClusterError
from tests.pace import limit, until
from tests.swarm import runs
from tests.swarm.runs import running
from tests.swarm.stack import Stack
from tests.swarm.test_service import worker_of

HEAVY, LIGHT = 4_000, 64
"""Partitions of the two runs."""
BEGUN = 100
"""Partitions of the heavy one that are read when the light one comes."""

# The scheduler's container has no tests to import: it gets the class itself.
cloudpickle.register_pickle_by_value(sys.modules[__name__])


class _Order(SchedulerPlugin):
    """Keeps in which order the tasks of graphs are done, by the token of their graph.

    came: how many tasks were done when a graph came.
    read: how many were when its last partition was read.
    """

    name = "order"

    def __init__(self) -> None:
        self.came: dict[str, int] = {}
        self.done: list[str] = []
        self.read: dict[str, int] = {}

    def update_graph(self, scheduler: Scheduler, *, tasks: list[Key], **_: Any) -> None:
        """Note when a graph came: how many tasks were done by then."""
        del scheduler
        for key in tasks:
            if isinstance(key, tuple) and str(key[0]).startswith("summarise-"):
                self.came.setdefault(token(key), len(self.done))

    def transition(self, key: Key, start: str, finish: str, *_: Any, **__: Any) -> None:
        if (start, finish) == ("processing", "memory") and isinstance(key, tuple):
            self.done.append(token(key))
            if str(key[0]).startswith("summarise-"):
                self.read[token(key)] = len(self.done)

    def meanwhile(self) -> list[int]:
        """How many tasks of the first graph were done while each other's partitions were read."""
        first, *others = sorted(self.came, key=self.came.__getitem__)
        return [self.done[self.came[one] : self.read[one]].count(first) for one in others]


def token(key: Any) -> str:
    return str(key[0]).rpartition("-")[2]


def order(client: Client) -> _Order:
    """What the scheduler has kept by now."""

    def ask(dask_scheduler: Scheduler) -> dict[str, Any]:
        return vars(dask_scheduler.plugins["order"])

    found = _Order()
    vars(found).update(client.run_on_scheduler(ask))
    return found


def seconds(small: Path, client: Client, expected: object) -> float:
    """How long the light run takes, which must have the right result."""
    began = monotonic()
    assert describe(small, partitions=LIGHT, client=client) == expected
    return monotonic() - began


def test_a_light_run_has_its_share_beside_a_heavy_one(
    stack: Stack, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Of three light runs the best reads its partitions while the heavy one does twice as much.

    So it takes three times as long as alone at most, which is measured in `bench`. The heavy one
    does nothing twice for their sake, so it takes longer by their work. All have the bytes that
    they have alone.
    """
    large = runs.sample(stack, 400_000)
    small = large.with_name("small.csv")
    small.write_bytes(b"".join(large.open("rb").readlines()[:3_000]))
    expected = describe(small, partitions=3, workers=1)
    truth = runs.alone(stack, large, tmp_path / "alone")
    with stack.client() as client:
        seconds(small, client, expected)  # workers load code, which does not count
        alone = max(seconds(small, client, expected) for _ in range(2))
        client.register_plugin(_Order())
        many = ("--partitions", str(HEAVY))
        with running(stack, large, tmp_path, stack.environment, *many) as heavy:
            until(lambda: len(order(client).done) >= BEGUN, "the heavy run to go on")
            beside = min(seconds(small, client, expected) for _ in range(3))
            assert heavy.process.poll() is None
            kept = order(client)
            assert heavy.results() == truth
        whole = order(client).done.count(min(kept.came, key=kept.came.__getitem__))
    others = min(kept.meanwhile())
    record_property(
        "seen",
        f"{others} tasks of the heavy run, of {whole} in all, while {LIGHT} partitions were read; "
        f"alone the light run took {alone:.1f} s, beside it {beside:.1f} s",
    )
    assert others <= 2 * LIGHT
    assert HEAVY < whole <= 1.5 * HEAVY  # its merges are in it, and nothing twice


def test_a_task_that_is_too_large_ends_and_the_others_go_on(
    stack: Stack, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """The kernel ends its workers; the sentence names nodes, task, memory and limit."""
    (file := tmp_path / "x.csv").write_text("x\n1\n")

    def eat() -> None:
        """Take memory until there is none left."""
        eaten = []
        while True:
            eaten.append(bytearray(b"x" * (64 << 20)))

    with stack.client() as client, stack.client() as neighbour:
        patience = Patience(stalled=limit(), silent=limit())
        large = client.submit(eat, key="large", retries=3)
        others = neighbour.map(lambda i: 2 * i, range(100))
        with pytest.raises(ClusterError) as refusal:
            wait_for(client, large, [file], patience)
        sentence = str(refusal.value)
        record_property("seen", sentence)
        opening = "task large needs more memory than a worker has: it has ended 2 workers, "
        assert sentence.startswith(opening)
        # Both may be on one node: its next worker may be up before the task is given to the other.
        place = r"on node[23] \(last seen with [\d.]+ .iB, limit 1\.70 GiB\)"
        assert len(re.findall(place, sentence)) == 2
        assert neighbour.gather(others) == [2 * i for i in range(100)]
        until(lambda: stack.connected() == ["node2", "node3"], "the workers to be back")
        assert client.submit(sum, [1, 2], workers=[worker_of(client, "node2")]).result(limit()) == 3
