"""The life of a cluster: in which order it is planned, brought up, changed and taken down.

Machines come before the stack that runs on them, and one command at a time may change a cluster.
Nothing here prints: `before` is called with each step before it is done, from one thread for each
host. `read` is how the facts are read. Every function raises ClusterError with what failed, where,
why and what to try.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cluster.apply import Observer, converge
from cluster.errors import ClusterError
from cluster.hosts.facts import Hosts
from cluster.hosts.gather import read_hosts
from cluster.hosts.planning import plan_hosts
from cluster.hosts.teardown import plan_hosts_teardown, plan_removal
from cluster.inventory import Inventory, read_inventory
from cluster.inventory_file import add_worker, remove_worker
from cluster.local.lock import only_one
from cluster.plan import Plan
from cluster.stack.facts import Facts
from cluster.stack.gather import read_facts
from cluster.stack.planning import plan_stack
from cluster.stack.teardown import plan_stack_teardown


@dataclass(frozen=True)
class Readers:
    """How the facts of machines and of the stack are read; tests pass their own."""

    hosts: Callable[[Inventory], Hosts] = read_hosts
    stack: Callable[[Inventory], Facts] = read_facts


READ = Readers()


@dataclass(frozen=True)
class Outcome:
    """What a command led to: the inventory as it is now, and the number of steps that were done."""

    inventory: Inventory
    steps: int


def plan(inventory: Inventory, read: Readers = READ) -> Plan:
    """Return what `up` would do, and why, without changing anything."""
    hosts, stack = _plan_hosts(inventory, read), _plan_stack(inventory, read)
    return Plan.of(*hosts.stages, *stack.stages)


def up(inventory: Inventory, before: Observer, read: Readers = READ) -> Outcome:
    """Bring the cluster into the state that the inventory describes; a second time does nothing."""
    with only_one(inventory.state_folder):
        return Outcome(inventory, _bring_up(inventory, before, read))


def down(
    inventory: Inventory, before: Observer, *, hosts: bool = False, read: Readers = READ
) -> Outcome:
    """Remove the stack and this machine's keys; with `hosts`, also what `up` did on bare hosts.

    Data, packages and a swarm that was there before stay.
    """
    if hosts:
        _require_bare(inventory)
    with only_one(inventory.state_folder):
        steps = converge(lambda: plan_stack_teardown(inventory, read.stack(inventory)), before)
    if hosts:
        # The stack took the locked folder with it, so the hosts need a lock of their own.
        with only_one(inventory.state_folder):
            steps += converge(lambda: plan_hosts_teardown(inventory, read.hosts(inventory)), before)
    return Outcome(inventory, steps)


def add(
    path: Path, address: str, user: str | None, before: Observer, read: Readers = READ
) -> Outcome:
    """Write a worker into the inventory file and bring the cluster up with it."""
    with only_one(read_inventory(path).state_folder):
        inventory = add_worker(path, address, user)
        return Outcome(inventory, _bring_up(inventory, before, read))


def remove(path: Path, address: str, before: Observer, read: Readers = READ) -> Outcome:
    """Drain a worker, take it out of swarm, share and inventory file, and bring up the rest."""
    inventory = read_inventory(path)
    _require_bare(inventory)
    node = next((worker for worker in inventory.workers if worker.address == address), None)
    if node is None:
        raise ClusterError(f"{path}: no worker has the address {address}")
    with only_one(inventory.state_folder):
        removed = converge(lambda: plan_removal(inventory, read.hosts(inventory), node), before)
        rest = remove_worker(path, address)
        return Outcome(rest, removed + _bring_up(rest, before, read))


def _bring_up(inventory: Inventory, before: Observer, read: Readers) -> int:
    """Finish the hosts before anything is asked of the Docker on them."""
    done = converge(lambda: _plan_hosts(inventory, read), before)
    return done + converge(lambda: _plan_stack(inventory, read), before)


def _plan_hosts(inventory: Inventory, read: Readers) -> Plan:
    if inventory.hosts == "ready":
        return Plan.of()
    return plan_hosts(inventory, read.hosts(inventory))


def _plan_stack(inventory: Inventory, read: Readers) -> Plan:
    return plan_stack(inventory, read.stack(inventory))


def _require_bare(inventory: Inventory) -> None:
    """Refuse to touch machines that the inventory says are to be left alone."""
    if inventory.hosts == "ready":
        raise ClusterError(
            'the inventory says hosts = "ready", which leaves machines as they are; '
            'write hosts = "bare" to let this command change them'
        )
