"""Fair shares: clients that compute at the same time take turns, whoever came first.

Dask orders tasks by the user's priority, then by when their graph came: a small graph waits for all
of a large one. Here each task gets a turn, a number between those two. The turns of a client's
tasks follow each other from the turn that the cluster is at, so that a client that comes later has
its tasks among those of the others, not behind them. This is start-time fair queueing (Goyal, Vin,
Cheng, SIGCOMM 1996), with the task as the unit: how long one takes is not known when it is queued.

A client's first tasks lie closer together than the later ones, so a small graph has most of the
cluster while it lasts, and many small ones still leave their share to a large one. The order within
a graph is Dask's own, and nothing that is computed depends on the order.
"""

from dataclasses import dataclass
from typing import Any

from distributed import Scheduler
from distributed.diagnostics.plugin import SchedulerPlugin

EARLY = 256
"""So many tasks of a client that had none are its early ones."""

ADVANTAGE = 8
"""An early task counts as this part of another: 1/8 of a turn."""

_AS_DASK_MADE_IT = 3
"""The length of a priority: (user's priority negated, generation of the graph, place in it)."""

Key = Any  # whatever names a task: a text, or a tuple with one


@dataclass
class Share:
    """What one client has asked for with one priority, and has not got yet.

    owner: the client's id, and its priority, negated: the least comes first.
    next: the turn of its next task.
    reached: the turn that it would be at if its tasks were done in their order.
    given: how many tasks have got a turn.
    done: how many of them were done.
    waiting: how many of them have not ended.
    """

    owner: tuple[str, float]
    next: float
    reached: float
    given: int = 0
    done: int = 0
    waiting: int = 0

    def give(self, now: float) -> float:
        """Return the turn of one more task, where the cluster is at the turn `now`."""
        if now > self.next:  # what it did not ask for in time is not made up for
            self.reached += now - self.next
            self.next = now
        turn = self.next
        self.next += _cost(self.given)
        self.given += 1
        self.waiting += 1
        return turn

    def take(self) -> float:
        """Take note that a task was done; return the turn that is reached."""
        self.reached += _cost(self.done)
        self.done += 1
        return self.reached


def _cost(before: int) -> float:
    """Return how many turns a task takes that has so many of its client's before it."""
    return 1 / ADVANTAGE if before < EARLY else 1.0


async def dask_setup(scheduler: Scheduler) -> None:
    """Give fair shares on any `scheduler` that has this file as its preload."""
    scheduler.add_plugin(FairShare())


class FairShare(SchedulerPlugin):
    """Gives each task that comes to the scheduler its turn.

    A client whose tasks have all ended owes nothing: its next ones begin at the turn of the others.
    Turns of one priority are not compared with those of another.

    The turn that the cluster is at is that of the client that has had most. It counts how many
    tasks are done, and not which: Dask sends the first ones of a graph to idle workers unsorted.
    """

    name = "fair-share"

    def __init__(self) -> None:
        """Begin without tasks."""
        self._now: dict[float, float] = {}
        self._shares: dict[tuple[str, float], Share] = {}
        self._tasks: dict[Key, Share] = {}

    def update_graph(
        self, scheduler: Scheduler, *, client: str, tasks: list[Key], **_: Any
    ) -> None:
        """Give the new ones of `tasks`, which `client` submits to `scheduler`, their turns.

        Dask calls this before it queues them, which is the last moment to do so.
        """
        states = (scheduler.tasks[key] for key in tasks)
        known = ((ts, ts.priority) for ts in states if ts.priority)
        new = [(ts, given) for ts, given in known if len(given) == _AS_DASK_MADE_IT]
        for ts, (level, *rest) in sorted(new, key=lambda each: each[1]):
            now = self._now.get(level, 0.0)
            share = self._shares.setdefault((client, level), Share((client, level), now, now))
            ts.priority = (level, share.give(now), *rest)
            self._tasks[ts.key] = share

    def transition(self, key: Key, start: str, finish: str, *_: Any, **__: Any) -> None:
        """Note that the task `key` has ended, if it went from `start` to a `finish` that is one.

        One that was cancelled has not been done, and does not count.
        """
        if finish not in {"memory", "erred", "forgotten"} or key not in self._tasks:
            return
        share = self._tasks.pop(key)
        level = share.owner[1]
        if start == "processing" and finish != "forgotten":
            self._now[level] = max(self._now.get(level, 0.0), share.take())
        share.waiting -= 1
        if not share.waiting:
            del self._shares[share.owner]

    def restart(self, scheduler: Scheduler) -> None:
        """Forget all tasks, as the `scheduler` does."""
        del scheduler
        self._shares.clear()
        self._tasks.clear()
