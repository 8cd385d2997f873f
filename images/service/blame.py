"""The scheduler ends a task that is too large for its workers, before it has killed them all."""

import asyncio
import logging
from collections import defaultdict
from typing import Any

from distributed import Scheduler
from distributed.diagnostics.plugin import SchedulerPlugin
from distributed.protocol import pickle
from distributed.scheduler import WorkerState

from service.memory import Key, Loss, at_work, blamed, sentence
from service.node import METRIC

NANNYS_TOPIC = "worker-restart-memory"
"""Where Dask's nanny tells of a worker that it ends for its memory."""

_REASON = "blamed-for-memory"

log = logging.getLogger("distributed.scheduler")


class Blame(SchedulerPlugin):
    """Keeps what each lost worker was busy with, and ends the task that is to blame.

    The task ends with a MemoryError, which any client can read; `service.memory` decides. Why a
    worker was lost may be known only when another comes to its node: until then the loss is kept.
    """

    name = "blame"

    def __init__(self) -> None:
        """Begin without losses."""
        self._scheduler: Scheduler | None = None
        self._workers: dict[str, WorkerState] = {}
        self._told: set[str] = set()
        self._unexplained: dict[str, list[Loss]] = defaultdict(list)
        self._losses: dict[Key, list[Loss]] = defaultdict(list)

    def add_worker(self, scheduler: Scheduler, worker: str) -> None:
        """Note the address of a `worker` of the `scheduler`, and why the last of its node went.

        The kernel may have killed those, which shows in its count now.
        """
        self._scheduler = scheduler
        self._workers[worker] = scheduler.workers[worker]
        node, kills = _node(scheduler.workers[worker])
        for loss in self._unexplained.pop(node, []):
            if loss.killed_by(kills):
                self._charge(loss)

    def log_event(self, topic: str, msg: Any) -> None:
        """Hear of a worker that goes, while its tasks are still its own, and what its nanny says.

        The `topic` says which of them it is, and `msg` has what Dask tells.
        """
        if topic == NANNYS_TOPIC:
            self._hear(msg["worker"])
        elif topic == "all" and isinstance(msg, dict) and msg.get("action") == "remove-worker":
            worker = self._workers.pop(msg["worker"], None)
            told = msg["worker"] in self._told
            self._told.discard(msg["worker"])
            if worker and not msg["expected"]:
                self._lose(_loss(worker), told=told)

    def transition(self, key: Key, start: str, finish: str, *_: Any, **__: Any) -> None:
        """Forget what the task `key` is suspected of, if it goes from `start` to its end, `finish`.

        What has ended well on another worker was not to blame.
        """
        del start
        if finish in {"memory", "erred", "forgotten"}:
            self._losses.pop(key, None)

    def _hear(self, address: str) -> None:
        """Take note that a nanny ends the worker at an address; that may be gone already."""
        if address in self._workers:
            self._told.add(address)
        for losses in self._unexplained.values():
            for loss in [each for each in losses if each.worker == address]:
                losses.remove(loss)
                self._charge(loss)

    def _lose(self, loss: Loss, *, told: bool) -> None:
        """Take note of a worker that is lost; a nanny may have `told` that it ends it."""
        if told or loss.nearly_full:
            self._charge(loss)
        else:
            self._unexplained[loss.node].append(loss)

    def _charge(self, loss: Loss) -> None:
        """Put a loss down to memory, as soon as the scheduler is through with what it is at."""
        asyncio.get_running_loop().call_soon(self._judge, loss)

    def _judge(self, loss: Loss) -> None:
        """End the tasks that are to blame after one more loss."""
        if self._scheduler is None:
            return
        known = ((key, self._scheduler.tasks.get(key)) for key in loss.suspects)
        suspects = [key for key, ts in known if ts and ts.state not in {"memory", "erred"}]
        for key in suspects:
            self._losses[key].append(loss)
        for key in blamed(self._losses, suspects):
            _end(self._scheduler, key, sentence(key, self._losses[key]))


def _node(worker: WorkerState) -> tuple[str, int | None]:
    """Return a worker's node, and how many processes its kernel has killed, if it tells of that."""
    told = worker.metrics.get(METRIC, {})
    return told.get("name", worker.host), told.get("kills")


def _loss(worker: WorkerState) -> Loss:
    """Return what is known of a worker that goes."""
    node, kills = _node(worker)
    ahead = [ts.key for ts in sorted(worker.processing, key=lambda ts: ts.priority or ())]
    executing = {ts.key for ts in worker.executing}
    return Loss(
        worker.address,
        node,
        worker.metrics.get("memory", 0),
        worker.memory_limit or 0,
        kills,
        at_work(executing, ahead, worker.nthreads),
    )


def _end(scheduler: Scheduler, key: Key, text: str) -> None:
    """End a task that has not ended, whatever its state, with a MemoryError that says `text`."""
    log.error("%s", text)
    ts = scheduler.tasks[key]
    ts.exception = pickle.dumps(MemoryError(text))
    ts.exception_text = text
    ts.exception_blame = ts
    following = {}
    if ts.state != "released":  # whoever has it lets go of it
        following = scheduler.transition(key, "released", stimulus_id=_REASON)
    scheduler.transitions(following | {key: "erred"}, stimulus_id=_REASON)
