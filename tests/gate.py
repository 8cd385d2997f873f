"""A gate that holds the cluster's next run back, so that it lasts until the test lets it go on.

Once the run's first partition has been read, or as many as the test says, the scheduler gives the
workers that are there no further task until the gate is opened. Nothing depends on how long the run
is or how fast the machine. A worker that joins later takes tasks at once.

`python -m tests.gate close|wait|open|readers` does the same on the cluster of Dask's configuration.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any

import cloudpickle
from distributed import Client, Scheduler
from distributed.core import Status
from distributed.diagnostics.plugin import SchedulerPlugin
from distributed.utils import key_split

from tests.pace import until

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "gate"
PARTITIONS = 200
"""Many more than the tasks that workers have ahead: those they still finish behind the gate."""

# The scheduler's container has no tests to import: it gets the class itself.
cloudpickle.register_pickle_by_value(sys.modules[__name__])


class _Gate(SchedulerPlugin):
    name = NAME

    def __init__(self, after: int) -> None:
        self.after = after
        self.read = 0
        self.readers: set[str] = set()
        self.held: list[str] = []
        self.opened = False
        self.scheduler: Scheduler | None = None
        self.patience: float | None = None

    async def start(self, scheduler: Scheduler) -> None:
        self.scheduler = scheduler

    def transition(self, key: Any, start: str, finish: str, *_: Any, **details: Any) -> None:
        """Note who has read a partition, and hold everyone after so many."""
        if (start, finish) != ("processing", "memory") or key_split(key) != "summarise":
            return
        self.read += 1
        if self.read == self.after:
            # The scheduler is in the midst of a change of state.
            asyncio.get_running_loop().call_soon(self.hold)
        worker = self.scheduler.workers.get(details.get("worker"))
        self.readers.add(worker.name if worker else "gone")

    def hold(self) -> None:
        """Let the workers finish what they have, however long nobody takes more."""
        if self.opened:
            return
        self.patience, self.scheduler.no_workers_timeout = self.scheduler.no_workers_timeout, None
        self.held = list(self.scheduler.workers)
        self.turn(Status.paused)

    def open(self) -> None:
        self.opened = True
        if not self.held:
            return
        self.turn(Status.running)
        self.scheduler.no_workers_timeout = self.patience

    def turn(self, status: Status) -> None:
        for address in self.held:
            self.scheduler.handle_worker_status_change(status, address, NAME)


def close(client: Client, after: int = 1) -> None:
    """Put a new gate before the next run, or in its way, `after` so many partitions."""
    client.register_plugin(_Gate(after))


def wait(client: Client) -> None:
    """Return once a run stands before the gate."""
    until(lambda: _ask(client, lambda gate: gate.held), "a run before the gate")


def open_(client: Client) -> None:
    """Let the run go on, with all workers that are still there; nothing, where there is no gate."""

    def take_away(dask_scheduler: Scheduler) -> None:
        if gate := dask_scheduler.plugins.get(NAME):
            gate.open()
            dask_scheduler.remove_plugin(NAME)

    client.run_on_scheduler(take_away)


def readers(client: Client) -> list[str]:
    """The names of the workers that have read a partition of the run."""
    return sorted(_ask(client, lambda gate: gate.readers))


def _ask(client: Client, question: Callable[[_Gate], Any]) -> Any:
    def ask(dask_scheduler: Scheduler) -> Any:
        return question(dask_scheduler.plugins[NAME])

    return client.run_on_scheduler(ask)


if __name__ == "__main__":
    do = {"close": close, "wait": wait, "open": open_, "readers": readers}[sys.argv[1]]
    with Client(timeout="60s") as cluster:
        sys.stdout.write(json.dumps(do(cluster)))
