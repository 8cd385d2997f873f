"""Nothing of a run is left on the scheduler, which lives for months."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from distributed import span

from pipeline.api import describe
from pipeline.engine.observer import Observer, PartitionRead
from pipeline.engine.so_far import NAME, About, SoFar
from pipeline.engine.telling import telling
from tests.clusters import local
from tests.pace import limit, until

if TYPE_CHECKING:
    from distributed import Scheduler

RUNS = 20
NOTHING = About("", [], 0, 0, 0, 0)


def kept(dask_scheduler: Scheduler) -> dict[str, int]:
    """What a scheduler keeps by names that runs could choose."""
    topics = dict(dask_scheduler._broker._topics)
    topics.pop("worker-get-client", None)  # Dask's one topic for that, whenever it happens
    spans = dask_scheduler.extensions["spans"].spans.values()
    return {
        "spans": len(spans),
        "groups of spans": sum(len(span.groups) for span in spans),
        "metadata of spans": sum(len(span.metadata["collections"]) for span in spans),
        "topics": len(topics),
        "subscribers": sum(len(topic.subscribers) for topic in topics.values()),
        "prefixes": len(dask_scheduler.task_prefixes),
        "groups": len(dask_scheduler.task_groups),
        "tasks": len(dask_scheduler.tasks),
        "runs to look at": len(dask_scheduler.plugins[NAME].runs),
        "wanted": sum(len(client.wants_what) for client in dask_scheduler.clients.values()),
    }


def test_many_runs_leave_what_two_leave(data):
    """Topics, subscribers, keys and their names do not become more with each run."""
    data.write_text("x\n" + "1\n2\n3\n" * 99)
    with local(1) as client:
        client.cluster.scheduler.add_plugin(SoFar(client.cluster.scheduler))
        after = []
        for done in range(1, RUNS + 1):
            describe(data, column="x", partitions=20, client=client)
            until(lambda: not client.run_on_scheduler(kept)["tasks"], "all keys forgotten")
            if done in {2, RUNS}:
                after.append(client.run_on_scheduler(kept))
    assert after[0] == after[1]


class Listener(Observer):
    """Keeps what it hears."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.heard: list[PartitionRead] = []

    def done(self, leaf: PartitionRead) -> None:
        self.heard.append(leaf)


def test_runs_of_one_client_hear_of_their_own_partitions(client):
    """Also when one of them ends before the other."""
    first, second = PartitionRead(0, 3, 1), PartitionRead(3, 4, 2)
    one, other = Listener(), Listener()
    with telling(client, one, NOTHING) as of_one:
        with telling(client, other, NOTHING) as of_other:
            for teller in (of_other, of_one):
                client.submit(teller.tell, first, pure=False).result(limit())
            until(lambda: one.heard and other.heard, "both heard")
        client.submit(of_other.tell, second, pure=False).result(limit())
        client.submit(of_one.tell, second, pure=False).result(limit())
        until(lambda: len(one.heard) > 1, "the second partition")
    assert [replace(read, worker="") for read in one.heard] == [first, second]
    assert [replace(read, worker="") for read in other.heard] == [first]
    assert all(read.worker for read in one.heard)


def test_a_run_within_the_users_own_span_stays_in_it(client, data):
    """What a span costs is then the user's to know."""
    data.write_text("x\n1\n2\n")
    with span("of the user") as mine:
        describe(data, column="x", client=client)
    found = client.run_on_scheduler(
        lambda dask_scheduler: dask_scheduler.extensions["spans"].spans[mine].name
    )
    assert found == ("of the user",)


def test_nobody_listens_any_more_when_the_client_is_closed():
    """Its topics went with it."""
    with local(1) as client, telling(client, Listener(), NOTHING):
        client.close()
