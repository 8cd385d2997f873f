"""The life of a cluster: in which order it is planned, brought up, changed and taken down.

Machines come before the stack that runs on them, and one command at a time may change a cluster.
Nothing here prints: `before` is called with each step before it is done, from one thread for each
host. `read` is how the facts are read. Every function raises ClusterError with what failed, where,
why and what to try.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from cluster.apply import Observer, apply, converge
from cluster.errors import ClusterError
from cluster.hosts.facts import Hosts
from cluster.hosts.gather import read_hosts
from cluster.hosts.planning import plan_hosts
from cluster.hosts.teardown import plan_hosts_teardown, plan_removal
from cluster.inventory import Inventory, read_inventory
from cluster.inventory_file import add_worker, remove_worker
from cluster.local import credentials, users
from cluster.plan import Plan
from cluster.stack.claims import alone
from cluster.stack.facts import Facts
from cluster.stack.gather import read_facts
from cluster.stack.libraries import read_libraries
from cluster.stack.planning import plan_stack
from cluster.stack.stages.claim import plan_disowning
from cluster.stack.stages.labels import plan_working
from cluster.stack.teardown import plan_stack_teardown


@dataclass(frozen=True)
class Readers:
    """How the facts of machines and of the stack are read; tests pass their own.

    `alone` keeps everybody else from changing the cluster, and refuses to change somebody else's.
    """

    hosts: Callable[[Inventory], Hosts] = read_hosts
    stack: Callable[[Inventory], Facts] = read_facts
    alone: Callable[[Inventory], AbstractContextManager[None]] = alone


READ = Readers()


@dataclass(frozen=True)
class Outcome:
    """What a command led to: the inventory as it is now, and the number of steps that were done."""

    inventory: Inventory
    steps: int


def plan(inventory: Inventory, read: Readers = READ) -> Plan:
    """Return what `up` would do, and why, without changing anything."""
    _refuse_unlocked(inventory)
    hosts, stack = _plan_hosts(inventory, read), _plan_stack(inventory, read)
    return Plan.of(*hosts.stages, *stack.stages)


def up(inventory: Inventory, before: Observer, read: Readers = READ) -> Outcome:
    """Bring the cluster into the state that the inventory describes; a second time does nothing."""
    with read.alone(inventory):
        return Outcome(inventory, _bring_up(inventory, before, read))


def down(
    inventory: Inventory,
    before: Observer,
    *,
    hosts: bool = False,
    consent: Callable[[int], object] = int,
    read: Readers = READ,
) -> Outcome:
    """Remove the stack and this machine's keys; with `hosts`, also what `up` did on bare hosts.

    Data, packages and a swarm that was there before stay. `consent` is called with the number of
    tasks that the workers are computing, of any client, unless it is 0; it raises to stop.
    """
    if hosts:
        _require_bare(inventory)

    def plan_down() -> Plan:
        facts = read.stack(inventory)
        if tasks := _running_tasks(facts):
            consent(tasks)
        return plan_stack_teardown(inventory, facts)

    with read.alone(inventory):
        steps = converge(plan_down, before)
    if hosts:
        # The stack took the locked folder with it, so the hosts need a lock of their own.
        with read.alone(inventory):
            steps += converge(lambda: plan_hosts_teardown(inventory, read.hosts(inventory)), before)
    return Outcome(inventory, steps)


def add(
    path: Path, address: str, user: str | None, before: Observer, read: Readers = READ
) -> Outcome:
    """Write a worker into the inventory file and bring the cluster up with it."""
    with read.alone(read_inventory(path)):
        inventory = add_worker(path, address, user)
        return Outcome(inventory, _bring_up(inventory, before, read))


def remove(path: Path, address: str, before: Observer, read: Readers = READ) -> Outcome:
    """Take a worker out of the cluster and the inventory file, and bring up the rest.

    It hands over what it holds first. Bare hosts also leave swarm and share; of ready ones the
    label goes, and the stack's volumes.
    """
    inventory = read_inventory(path)
    node = next((worker for worker in inventory.workers if worker.address == address), None)
    if node is None:
        raise ClusterError(f"{path}: no worker has the address {address}")
    with read.alone(inventory):
        removed = 0
        if inventory.hosts == "bare":
            removed = converge(lambda: plan_removal(inventory, read.hosts(inventory), node), before)
        rest = remove_worker(path, address)
        return Outcome(rest, removed + _bring_up(rest, before, read))


def scale(inventory: Inventory, workers: int, before: Observer, read: Readers = READ) -> None:
    """Let so many of the nodes work that the inventory makes workers, the first of them.

    Raises ValueError when there are fewer.
    """
    nodes = [node for node in inventory.nodes if node.works]
    if not 0 <= workers <= len(nodes):
        raise ValueError(f"the inventory has {len(nodes)} nodes that work, not {workers}")
    with read.alone(inventory):
        plan = plan_working(inventory, read.stack(inventory), nodes[:workers])
        if plan.stages:
            apply(plan, before)


def revoke(inventory: Inventory, name: str, before: Observer, read: Readers = READ) -> Outcome:
    """Let a user's certificate count no more, and bring the cluster up so that it knows."""
    with read.alone(inventory):
        users.revoke(inventory.state_folder, name)
        return Outcome(inventory, _bring_up(inventory, before, read))


def renew(
    inventory: Inventory, before: Observer, *, authority: bool = False, read: Readers = READ
) -> Outcome:
    """Issue the cluster's certificates again; with `authority`, under a new one, for nobody else.

    Then all who were invited have to be invited again. Raises ClusterError where nothing was made.
    """
    credentials.read_authority(inventory.state_folder)
    with read.alone(inventory):
        steps = 0
        if authority:
            steps = converge(lambda: plan_disowning(inventory, read.stack(inventory)), before)
        credentials.forget(inventory.state_folder, authority=authority)
        return Outcome(inventory, steps + _bring_up(inventory, before, read))


def _running_tasks(facts: Facts) -> int:
    return sum(worker.executing for worker in facts.dask.workers) if facts.dask else 0


def _bring_up(inventory: Inventory, before: Observer, read: Readers) -> int:
    """Finish the hosts before anything is asked of the Docker on them."""
    _refuse_unlocked(inventory)
    done = converge(lambda: _plan_hosts(inventory, read), before)
    return done + converge(lambda: _plan_stack(inventory, read), before)


def _plan_hosts(inventory: Inventory, read: Readers) -> Plan:
    if inventory.hosts == "ready":
        return Plan.of()
    return plan_hosts(inventory, read.hosts(inventory))


def _plan_stack(inventory: Inventory, read: Readers) -> Plan:
    return plan_stack(inventory, read.stack(inventory))


def _refuse_unlocked(inventory: Inventory) -> None:
    """Refuse libraries that cannot be had before any machine is changed."""
    if refusal := read_libraries(inventory).refusal:
        raise ClusterError(refusal)


def _require_bare(inventory: Inventory) -> None:
    """Refuse to touch machines that the inventory says are to be left alone."""
    if inventory.hosts == "ready":
        raise ClusterError(
            'the inventory says hosts = "ready", which leaves machines as they are; '
            'write hosts = "bare" to let this command change them'
        )
