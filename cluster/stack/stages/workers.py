"""The last check of `up`: every labelled node has a connected worker, of the client's versions."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from cluster.errors import ClusterError
from cluster.inventory import WORKER_LABEL, Inventory
from cluster.plan import Stage, Step
from cluster.poll import wait_until_none
from cluster.stack.facts import DaskFacts, Facts, Member, Swarm, Task
from cluster.stack.scheduler import ask_scheduler
from cluster.stack.swarm import read_swarm

CONNECTED_SECONDS = 300.0
POLL_SECONDS = 2.0
MOST_REJECTIONS = 3


@dataclass(frozen=True)
class AwaitWorkers:
    """Wait until the workers of all labelled nodes are connected."""

    inventory: Inventory

    def apply(self) -> None:
        """Wait, with a limit; give up early when the swarm keeps refusing to run a task."""
        before = {task.id for task in read_swarm(self.inventory).tasks}
        wait_until_none(
            lambda: self._problem(before), seconds=CONNECTED_SECONDS, poll_seconds=POLL_SECONDS
        )

    def _problem(self, before: Collection[str]) -> ClusterError | None:
        """Say who is missing; raise it when the swarm has refused a task too often."""
        swarm = read_swarm(self.inventory)
        missing = without_worker(swarm, ask_scheduler(self.inventory))
        if swarm.deployed and not missing:
            return None
        advice = "`python -m cluster doctor` and `python -m cluster logs worker` tell more"
        error = ClusterError("\n".join([*explanations(swarm, missing), advice]))
        if is_refused(swarm, before):
            raise error
        return error


def plan_workers(inventory: Inventory, facts: Facts) -> Stage:
    """Wait for the workers that are not connected; refuse those of other versions."""
    return Stage.of("workers", _steps(inventory, facts))


def labelled(members: Iterable[Member]) -> list[Member]:
    """Return the nodes that the swarm is to run a worker on."""
    key, value = WORKER_LABEL
    return [member for member in members if member.active and member.labels.get(key) == value]


def without_worker(swarm: Swarm, dask: DaskFacts | None) -> list[str]:
    """Return the labelled nodes whose worker, as deployed last, is not connected."""
    connected = {worker.task for worker in dask.workers} if dask else set[str]()
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


def other_versions(dask: DaskFacts) -> list[str]:
    """Say which workers run other versions than this machine's Python."""
    if not all(worker.versions for worker in dask.workers):
        advice = "see `python -m cluster doctor`"
        return [f"not every worker tells its versions: one hangs, or is cut off; {advice}"]
    return [
        f"{worker.hostname}: its worker runs {package} {worker.versions.get(package) or 'none'}, "
        f"this machine {ours}; install requirements.lock here, or build the image again"
        for worker in dask.workers
        for package, ours in dask.client_versions.items()
        if ours and _release(package, ours) != _release(package, worker.versions.get(package))
    ]


def explanations(swarm: Swarm, missing: Iterable[str]) -> list[str]:
    """Say for each node without a worker what the swarm knows about it."""
    down = {member.hostname for member in swarm.members if not member.ready}
    scheduler = [task for task in swarm.tasks if task.service == "scheduler"]
    sentences = []
    if not any(task.state == "running" for task in scheduler):
        sentences.append(f"the scheduler does not run; reason: {_last_error(scheduler)}")
    for hostname in missing:
        tasks = [task for task in swarm.tasks if task.hostname == hostname]
        reason = "the node is down" if hostname in down else _last_error(tasks)
        sentences.append(f"{hostname}: no worker is connected; reason: {reason}")
    return sentences


def is_refused(swarm: Swarm, before: Collection[str]) -> bool:
    """Whether the swarm has refused one task three times, not counting the tasks in `before`."""
    refused = Counter(
        (task.service, task.hostname)
        for task in swarm.tasks
        if task.state == "rejected" and task.id not in before
    )
    return any(times >= MOST_REJECTIONS for times in refused.values())


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


def _last_error(tasks: Iterable[Task]) -> str:
    return next((task.error for task in tasks if task.error), "the swarm gives none")


def _release(package: str, version: str | None) -> str | None:
    """Return what must be equal: the whole version, but of Python only major and minor."""
    if version and package == "python":
        return ".".join(version.split(".")[:2])
    return version
