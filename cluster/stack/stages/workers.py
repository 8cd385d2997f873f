"""The last check of `up`: every labelled node has a connected worker, of the client's versions."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from cluster.errors import ClusterError
from cluster.inventory import WORKER_LABEL, Inventory
from cluster.plan import Stage, Step
from cluster.poll import wait_until_none
from cluster.stack.facts import DaskFacts, DaskWorker, Facts, Member, Swarm, Task
from cluster.stack.logs import last_words
from cluster.stack.scheduler import ask_scheduler
from cluster.stack.swarm import read_swarm

CONNECTED_SECONDS = 300.0
POLL_SECONDS = 2.0
MOST_LOSSES = {"rejected": 3, "failed": 6}  # what fails may come right: a share that is late
TELL_SECONDS = 10.0


log = logging.getLogger(__name__)


@dataclass(frozen=True)
class AwaitWorkers:
    """Wait until the workers of all labelled nodes are connected."""

    inventory: Inventory

    def apply(self) -> None:
        """Wait, with a limit for the next worker to come.

        Gives up early when a task is refused or fails again and again.
        """
        before = {task.id for task in read_swarm(self.inventory).tasks}
        missing: list[str] | None = None
        while missing is None or missing:
            missing = self._await_next(before, missing)

    def _await_next(self, before: Collection[str], known: list[str] | None) -> list[str]:
        """Return who is missing once these are others than `known`, which is None at first."""
        swarm, found = Swarm(), list[str]()
        began = told = time.monotonic()

        def problem() -> ClusterError | None:
            nonlocal swarm, found, told
            swarm = read_swarm(self.inventory)
            found = without_worker(swarm, ask_scheduler(self.inventory))
            if swarm.deployed and found != known:
                return None
            if is_hopeless(swarm, before):
                raise _NotYetError
            if (now := time.monotonic()) - told >= TELL_SECONDS:
                told = now
                log.info("%s", self._progress(swarm, found, now - began))
            return _NotYetError()

        try:
            wait_until_none(problem, seconds=CONNECTED_SECONDS, poll_seconds=POLL_SECONDS)
        except _NotYetError:
            sentences = explanations(swarm, found, partial(last_words, self.inventory))
            advice = "`python -m cluster doctor` and `python -m cluster logs worker` tell more"
            raise ClusterError("\n".join([*sentences, advice])) from None
        return found

    def _progress(self, swarm: Swarm, missing: list[str], seconds: float) -> str:
        awaited = "; ".join(explanations(swarm, missing)) or "the stack is not there"
        times = f"for {seconds:.0f} s, of {CONNECTED_SECONDS:.0f} s at most"
        return f"{self.inventory.manager.address}: waiting {times}: {awaited}"


class _NotYetError(ClusterError):
    """Somebody is still missing; why is found out when it is given up."""


def plan_workers(inventory: Inventory, facts: Facts) -> Stage:
    """Wait for the workers that are not connected; refuse those of other versions."""
    return Stage.of("workers", _steps(inventory, facts))


def labelled(members: Iterable[Member]) -> list[Member]:
    """Return the nodes that the swarm is to run a worker on."""
    key, value = WORKER_LABEL
    return [member for member in members if member.active and member.labels.get(key) == value]


def without_worker(swarm: Swarm, dask: DaskFacts | None) -> list[str]:
    """Return the labelled nodes whose workers, as deployed last, are not all connected."""
    connected = _complete(dask.workers) if dask else set[str]()
    service = swarm.services.get("worker")
    served = {
        task.hostname
        for task in swarm.tasks
        if task.wanted == "running"
        and service
        and task.digest == service.digest
        and any(task.id.startswith(prefix) for prefix in connected)
    }
    return [member.hostname for member in labelled(swarm.members) if member.hostname not in served]


def _complete(workers: Sequence[DaskWorker]) -> set[str]:
    """Return the tasks of which all processes are among the workers."""
    there = Counter(worker.task for worker in workers)
    return {worker.task for worker in workers if there[worker.task] >= worker.processes}


def other_versions(dask: DaskFacts) -> list[str]:
    """Say which workers run other versions than this machine's Python."""
    if not all(worker.versions for worker in dask.workers):
        advice = "see `python -m cluster doctor`"
        return [f"not every worker tells its versions: one hangs, or is cut off; {advice}"]
    sentences = (
        f"{worker.hostname}: its worker runs {package} {worker.versions.get(package) or 'none'}, "
        f"this machine {ours}; install requirements.lock here, or build the image again"
        for worker in dask.workers
        for package, ours in dask.client_versions.items()
        if ours and _release(package, ours) != _release(package, worker.versions.get(package))
    )
    return list(dict.fromkeys(sentences))  # the processes of a node have the same


def explanations(
    swarm: Swarm, missing: Iterable[str], said: Callable[[Task], str] = lambda _: ""
) -> list[str]:
    """Say for each node without a worker what the swarm knows about it.

    `said` returns what a task has written last.
    """
    down = {member.hostname for member in swarm.members if not member.ready}
    scheduler = [task for task in swarm.tasks if task.service == "scheduler"]
    sentences = []
    if not any(task.state == "running" for task in scheduler):
        sentences.append(f"the scheduler does not run; reason: {_reason(scheduler, said)}")
    for hostname in missing:
        tasks = [
            task for task in swarm.tasks if task.hostname == hostname and task.service == "worker"
        ]
        reason = "the node is down" if hostname in down else _reason(tasks, said)
        sentences.append(f"{hostname}: no worker is connected; reason: {reason}")
    return sentences


def is_hopeless(swarm: Swarm, before: Collection[str]) -> bool:
    """Whether a task was refused, or failed, too often, not counting the tasks in `before`."""
    lost = Counter(
        (task.state, task.service, task.hostname)
        for task in swarm.tasks
        if task.state in MOST_LOSSES and task.id not in before
    )
    return any(times >= MOST_LOSSES[state] for (state, *_), times in lost.items())


def _steps(inventory: Inventory, facts: Facts) -> Iterator[Step]:
    manager = inventory.manager.address
    if not facts.swarm.deployed:
        what = "wait until every labelled node has a connected worker"
        yield Step(manager, what, "the stack comes first", AwaitWorkers(inventory))
    elif missing := without_worker(facts.swarm, facts.dask):
        what = f"wait for the workers of {', '.join(missing)}"
        yield Step(manager, what, "they are not connected", AwaitWorkers(inventory))
    elif facts.dask and (sentences := other_versions(facts.dask)):
        raise ClusterError("\n".join(sentences))


def _reason(tasks: Sequence[Task], said: Callable[[Task], str]) -> str:
    """Return the newest error of some tasks and what that one wrote; else how far it has come."""
    if not tasks:
        return "the swarm has not tried to run it; is the node labelled and active?"
    failed = next((task for task in tasks if task.error), None)
    if failed:
        words = said(failed)
        return f"{failed.error}: {words}" if words else failed.error
    words = said(tasks[0])
    state = f"its task is {tasks[0].state}, and the scheduler has not heard of it"
    return f"{state}; it wrote: {words}" if words else state


def _release(package: str, version: str | None) -> str | None:
    """Return what must be equal: the whole version, but of Python only major and minor."""
    if version and package == "python":
        return ".".join(version.split(".")[:2])
    return version
