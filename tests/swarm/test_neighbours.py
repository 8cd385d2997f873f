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

HEAVY, LIGHT = 8_000, 64
"""Partitions of the two runs."""
BEGUN = 100
"""Partitions of the heavy one that are read when the light one comes."""

# The scheduler's container has no tests to import: it gets the class itself.
cloudpickle.register_pickle_by_value(sys.modules[__name__])


class _Order(SchedulerPlugin):
    """Keeps in which order the tasks of graphs are done, by the token of their graph."""

    name = "order"

    def __init__(self) -> None:
        self.came: dict[str, int] = {}
        self.done: list[str] = []

    def update_graph(self, scheduler: Scheduler, *, tasks: list[Key], **_: Any) -> None:
        """Note when a graph came: how many tasks were done by then."""
        del scheduler
        for key in tasks:
            if isinstance(key, tuple) and str(key[0]).startswith("summarise-"):
                self.came.setdefault(token(key), len(self.done))

    def transition(self, key: Key, start: str, finish: str, *_: Any, **__: Any) -> None:
        if (start, finish) == ("processing", "memory") and isinstance(key, tuple):
            self.done.append(token(key))


def token(key: Any) -> str:
    return str(key[0]).rpartition("-")[2]


def order(client: Client) -> _Order:
    """What the scheduler has kept; an empty order where it keeps none yet."""

    def ask(dask_scheduler: Scheduler) -> tuple[dict[str, int], list[str]]:
        plugin = dask_scheduler.plugins["order"]
        return plugin.came, plugin.done

    found = _Order()
    found.came, found.done = client.run_on_scheduler(ask)
    return found


def test_a_light_run_has_its_share_beside_a_heavy_one(
    stack: Stack, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """While it lasts, the others do at most twice its work: it takes three times as long at most.

    The heavy one does nothing twice for its sake, so it takes longer by the light one's work, and
    both have the bytes that they have alone.
    """
    large = runs.sample(stack, 400_000)
    small = large.with_name("small.csv")
    small.write_bytes(b"".join(large.open("rb").readlines()[:3_000]))
    expected = describe(small, partitions=3, workers=1)
    truth = runs.alone(stack, large, tmp_path / "alone")
    with stack.client() as client:
        began = monotonic()
        assert describe(small, partitions=LIGHT, client=client) == expected
        alone = monotonic() - began
        client.register_plugin(_Order())
        many = ("--partitions", str(HEAVY))
        with running(stack, large, tmp_path, stack.environment, *many) as heavy:
            until(lambda: len(order(client).done) >= BEGUN, "the heavy run to go on")
            began = monotonic()
            assert describe(small, partitions=LIGHT, client=client) == expected
            beside = monotonic() - began
            assert heavy.process.poll() is None
            kept = order(client)
            assert heavy.results() == truth
        first, second = sorted(kept.came, key=kept.came.__getitem__)
        last = len(kept.done) - kept.done[::-1].index(second)
        meanwhile = kept.done[kept.came[second] : last]
        own, others = meanwhile.count(second), meanwhile.count(first)
        assert own >= LIGHT
        assert others <= 2 * own, (others, own)
        whole = order(client).done.count(first)
        assert HEAVY < whole <= 1.5 * HEAVY  # its merges are in it, and nothing twice
        record_property(
            "seen",
            f"{others} tasks of the heavy run beside {own} of the light one, of {whole} in all; "
            f"alone the light one took {alone:.1f} s, beside it {beside:.1f} s",
        )


def eat() -> None:
    """Take memory until there is none left."""
    eaten = []
    while True:
        eaten.append(bytearray(b"x" * (64 << 20)))


def test_a_task_that_is_too_large_ends_and_the_others_go_on(
    stack: Stack, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """The kernel ends its workers; the sentence names nodes, task, memory and limit."""
    (file := tmp_path / "x.csv").write_text("x\n1\n")
    with stack.client() as client, stack.client() as neighbour:
        patience = Patience(stalled=limit(), silent=limit())
        large = client.submit(eat, key="large", retries=3)
        others = neighbour.map(lambda i: 2 * i, range(100))
        with pytest.raises(ClusterError) as refusal:
            wait_for(client, large, [file], patience)
        sentence = str(refusal.value)
        record_property("seen", sentence)
        assert sentence.startswith("task large needs more memory than a worker has: it has ended ")
        place = r"on (node[23]) \(last seen with [\d.]+ .iB, limit 1\.70 GiB\)"
        assert set(re.findall(place, sentence)) == {"node2", "node3"}
        assert neighbour.gather(others) == [2 * i for i in range(100)]
        until(lambda: stack.connected() == ["node2", "node3"], "the workers to be back")
        assert client.submit(sum, [1, 2], workers=[worker_of(client, "node2")]).result(limit()) == 3
