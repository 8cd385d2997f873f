"""How workers tell a run's observer of partitions: under the topic that Dask keeps for each client.

Dask keeps a topic for as long as the scheduler lives, so one for each run would pile up there. That
of a client is there anyway, holds a bounded number of events, and is emptied some time after the
client is gone. Several runs of one client share it, and each hears what bears its name.
"""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from dataclasses import astuple, dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Any

from distributed import get_worker

from pipeline.engine.observer import PartitionRead
from pipeline.engine.so_far import PARTITION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distributed import Client

    from pipeline.engine.observer import Observer
    from pipeline.engine.so_far import About

_observers: dict[str, dict[str, Observer]] = {}
_changing = Lock()  # held for no longer than it takes to change the above


@dataclass(frozen=True)
class Teller:
    """What a task needs to tell of its partition.

    Attributes:
        topic: The client's topic.
        run: The run's name.
        about: What the run is about. It goes with each partition: who hears of one knows all.

    """

    topic: str
    run: str
    about: About

    def tell(self, read: PartitionRead) -> None:
        """Tell of a partition, from a task on a worker."""
        worker = get_worker()
        told = replace(read, worker=str(worker.name))
        worker.log_event(self.topic, (PARTITION, self.run, astuple(self.about), astuple(told)))


@contextmanager
def telling(client: Client, observer: Observer, about: About) -> Iterator[Teller]:
    """Let an observer hear of the partitions that tasks tell of, for as long as the block lasts.

    Args:
        client: The client whose run it is.
        observer: Who hears of them.
        about: What the run is about.

    """
    teller = Teller(client.id, secrets.token_hex(4), about)
    with _changing:
        runs = _observers.setdefault(teller.topic, {})
        runs[teller.run] = observer
        if len(runs) == 1:
            client.subscribe_topic(teller.topic, lambda event: _hear(teller.topic, event[1]))
    try:
        yield teller
    finally:
        with _changing:
            del runs[teller.run]
            if not runs:
                del _observers[teller.topic]
                if client.status == "running":
                    client.unsubscribe_topic(teller.topic)


def _hear(topic: str, message: Any) -> None:
    """Pass on what a task told of; under the same topic Dask tells of the client."""
    if isinstance(message, list | tuple) and message and message[0] == PARTITION:
        _, run, _, read = message
        if observer := _observers.get(topic, {}).get(run):
            observer.done(PartitionRead(*read))
