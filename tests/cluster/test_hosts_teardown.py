"""Undoing on the hosts what `up` did, and taking one worker out."""

from dataclasses import replace

import pytest

from cluster.errors import ClusterError
from cluster.hosts import layout
from cluster.hosts.facts import Hosts
from cluster.hosts.teardown import plan_hosts_teardown, plan_removal
from cluster.inventory import Inventory
from tests.cluster.machines import MANAGER, WORKER, all_converged, bare, told


def test_down_undoes_what_up_did_and_nothing_else(inventory: Inventory) -> None:
    """Marks on the hosts say what to undo; a swarm that was there before is not left."""
    hosts = all_converged(inventory)
    assert told(plan_hosts_teardown(inventory, hosts)) == [
        (WORKER, "leave the swarm"),
        (WORKER, "remove the stack's volumes"),
        (WORKER, "remove the image"),
        (WORKER, "forget that it joined"),
        (WORKER, "unmount /mnt/shared and /mnt/results"),
        (WORKER, "take ops out of the group docker"),
        (MANAGER, "leave the swarm"),
        (MANAGER, "remove the stack's volumes"),
        (MANAGER, "remove the image"),
        (MANAGER, "forget that it joined"),
        (MANAGER, "unmount /mnt/shared and /mnt/results"),
        (MANAGER, "stop exporting the share"),
        (MANAGER, "take ops out of the group docker"),
    ]
    before = {
        host: replace(facts, files={p: t for p, t in facts.files.items() if p != layout.JOINED})
        for host, facts in hosts.reached.items()
    }
    assert not [
        what
        for _, what in told(plan_hosts_teardown(inventory, Hosts(before, {})))
        if "swarm" in what
    ]
    assert told(plan_hosts_teardown(inventory, bare())) == []


def test_hosts_that_cannot_be_asked_are_not_passed_over(inventory: Inventory) -> None:
    """`down --all` needs every host, `remove-node` the manager; each line says what to do."""
    hosts = all_converged(inventory)
    worker = inventory.workers[0]
    off = Hosts({MANAGER: hosts.reached[MANAGER]}, {WORKER: "no route"})
    with pytest.raises(
        ClusterError, match=f"{WORKER}: no route; or take a worker out first: .*remove"
    ):
        plan_hosts_teardown(inventory, off)
    headless = Hosts({WORKER: hosts.reached[WORKER]}, {MANAGER: "no route"})
    with pytest.raises(ClusterError, match=f"{MANAGER}: no route; then run remove-node again"):
        plan_removal(inventory, headless, worker)


def test_removed_worker_is_drained_before_it_leaves(inventory: Inventory) -> None:
    """Its tasks end first; the manager forgets it last."""
    hosts = all_converged(inventory)
    (worker,) = inventory.workers
    steps = told(plan_removal(inventory, hosts, worker))
    assert [what for _, what in steps][:2] == ["drain the node", "leave the swarm"]
    assert {host for host, _ in steps} == {WORKER}


def test_dead_worker_is_only_forgotten(inventory: Inventory) -> None:
    """A machine that no longer answers is taken off the manager's list."""
    reached = {MANAGER: all_converged(inventory).reached[MANAGER]}
    (worker,) = inventory.workers
    found = plan_removal(inventory, Hosts(reached, {WORKER: "cannot be reached"}), worker)
    assert told(found) == [(MANAGER, f"forget the node host-{WORKER}")]
