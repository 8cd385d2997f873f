"""What each node gives to its workers: who differs, what is refused, and when all are there."""

import json
from dataclasses import replace

import pytest
from service.allotment import PART as WORKERS_PART
from service.allotment import allot, settings_of

from cluster.errors import ClusterError
from cluster.inventory import Inventory
from cluster.sizes import GIBIBYTE, MEBIBYTE
from cluster.stack.allotments import PART, largest_memory, memory_of, table
from cluster.stack.facts import Facts
from cluster.stack.planning import plan_stack
from cluster.stack.stages.deployment import DeployStack
from cluster.stack.status import status_of
from cluster.status_table import status_table
from tests.cluster.facts import (
    ADDRESSES,
    actions,
    bare,
    change_node,
    converged,
    inventory,
    steps_of,
)

MANAGER, FIRST, SECOND = ADDRESSES
AT_WORK = {"address": MANAGER, "docker": "unix:///m.sock", "labels": {"dask": "worker"}}
REMEDY = "; write more memory, or fewer processes"


def unlike(*own: dict[str, object], **changes: object) -> Inventory:
    """An inventory whose workers have settings of their own."""
    workers = [
        {"address": address, "docker": f"unix:///w{i}.sock", **given}
        for i, (address, given) in enumerate(zip(ADDRESSES[1:], own, strict=True))
    ]
    return inventory(workers=workers, **changes)


def nodes(wanted: Inventory, facts: Facts) -> dict[str, object]:
    """The table's nodes but the manager, whose scheduler makes it differ always."""
    found = json.loads(table(wanted, facts))["nodes"]
    return {name: given for name, given in found.items() if name != "id0"}


def refused(wanted: Inventory, facts: Facts) -> list[str]:
    """The lines of the plan's refusal."""
    with pytest.raises(ClusterError) as refusal:
        plan_stack(wanted, facts)
    return str(refusal.value).splitlines()


def test_only_nodes_that_differ_are_in_the_table():
    """A node that is added and has no settings leaves all others as they are."""
    wanted = unlike({}, {"processes": 2, "resources": {"GPU": 1}}, worker={"cpus": 2})
    found = nodes(wanted, bare(wanted))
    assert found == {"id2": {"cpus": 2, "processes": 2, "resources": {"GPU": 1}}}
    assert nodes(inventory(), bare(inventory())) == {}


def test_a_nodes_own_settings_come_before_those_of_all():
    """Key by key."""
    wanted = unlike({"memory": "1G"}, {}, worker={"memory": "2G", "threads": 3})
    assert nodes(wanted, bare(wanted)) == {"id1": {"memory": GIBIBYTE, "threads": 3}}


@pytest.mark.parametrize("memory", [8 * GIBIBYTE, 2 * GIBIBYTE])
def test_a_worker_takes_what_the_plan_reckons_with(memory: int):
    """The two programs have the rule apart, since neither imports the other."""
    assert PART == WORKERS_PART
    wanted = unlike({"memory": "1G"}, {}, manager=AT_WORK)
    facts = change_node(bare(wanted), SECOND, memory=memory)
    for i, node in enumerate(wanted.nodes):
        settings = settings_of(f"id{i}", table(wanted, facts))
        found = facts.nodes[node.address]
        taken = allot(settings, found.cpus, found.memory, largest_memory(wanted, facts))
        assert taken.memory == memory_of(wanted, facts, node)


def test_a_manager_that_works_keeps_memory_for_the_scheduler():
    """Three quarters of what the scheduler's limit leaves."""
    wanted = inventory(manager=AT_WORK, scheduler={"memory": "2G"})
    facts = change_node(bare(wanted), MANAGER, memory=6 * GIBIBYTE)
    assert memory_of(wanted, facts, wanted.manager) == 3 * GIBIBYTE


def test_a_container_may_use_what_the_largest_node_gives():
    """The service has one limit for all; a manager that does not work is none of them."""
    wanted = unlike({"memory": "1G"}, {})
    facts = change_node(bare(wanted), MANAGER, memory=64 * GIBIBYTE)
    assert largest_memory(wanted, facts) == 6 * GIBIBYTE


@pytest.mark.parametrize("facts_of", [bare, converged])
def test_a_node_cannot_give_what_it_has_not(facts_of):
    """One line each, with the key that asks for it, before anything is done."""
    wanted = unlike({"cpus": 8, "processes": 40}, {"memory": "9G"}, worker={"cpus": 4})
    healthy = facts_of(unlike({}, {}))
    assert refused(wanted, change_node(healthy, SECOND, cpus=2)) == [
        f"workers[0].cpus: 8 is more than the node has: {FIRST} has 4; write 4 or less",
        f"workers[0].processes: {FIRST} gives 154 MiB to each worker process, which needs 256 MiB"
        + REMEDY,
        f"worker.cpus: 4 is more than the node has: {SECOND} has 2; write 2 or less",
        f"workers[1].memory: 9G is more than the node has: {SECOND} has 8,192 MiB; write less",
    ]


def test_a_node_that_has_too_little_memory_for_a_worker_is_refused():
    """Without any setting, too: what the scheduler leaves on the manager may be nothing."""
    wanted = inventory(manager=AT_WORK)
    (line,) = refused(wanted, change_node(bare(wanted), MANAGER, memory=GIBIBYTE))
    needs = f"{MANAGER} gives 0 MiB to each worker process, which needs 256 MiB"
    assert line == f"manager.memory: {needs}{REMEDY}"


def test_a_change_for_one_node_restarts_the_workers_one_by_one():
    """The scheduler and its jobs go on, and the plan says so."""
    facts = converged(inventory())
    changed = unlike({}, {"threads": 8})
    (deploy,) = actions(changed, facts, DeployStack)
    assert dict(deploy.variables)["WORKERS_AT_ONCE"] == "1"
    assert dict(deploy.digests)["scheduler"] == facts.swarm.services["scheduler"].digest
    (step,) = [step for step in plan_stack(changed, facts).steps if step.action == deploy]
    assert step.why == "the workers' settings have changed; they restart, and running jobs go on"
    assert plan_stack(changed, converged(changed)).stages == ()


def with_processes(facts: Facts, *places: int) -> Facts:
    """The same, where the last node has two processes, of which some are connected."""
    *others, last = facts.dask.workers
    some = [
        replace(last, name=f"{last.name}.{place}", processes=2, cpus=4, resources={"GPU": 1})
        for place in places
    ]
    return replace(facts, dask=replace(facts.dask, workers=(*others, *some)))


def test_a_node_is_served_when_all_its_processes_are_connected():
    """One of two is not enough."""
    wanted = inventory()
    facts = converged(wanted)
    assert steps_of(wanted, with_processes(facts, 2)) == [
        (MANAGER, "wait for the workers of node2")
    ]
    assert plan_stack(wanted, with_processes(facts, 1, 2)).stages == ()


def test_the_status_shows_what_the_processes_of_a_node_are_together():
    """Names without a place, and sums."""
    wanted = inventory()
    node = status_of(wanted, with_processes(converged(wanted), 1, 2)).to_dict()["nodes"][2]
    assert node["worker"] == "node2-task1"
    shown = {key: node[key] for key in ("processes", "cpus", "threads", "memory_limit")}
    assert shown == {"processes": 2, "cpus": 4, "threads": 8, "memory_limit": 2048 * MEBIBYTE}
    assert node["resources"] == {"GPU": 2}


def test_the_table_of_the_status_says_it_in_words():
    """A node with one process says nothing of processes."""
    wanted = inventory()
    status = status_of(wanted, with_processes(converged(wanted), 1, 2))
    cells = list(status_table(status).columns[3].cells)
    assert cells[0] == "none"
    assert cells[1] == "node1-task0\n4 threads"
    assert cells[2] == "node2-task1\n2 processes\n4 CPUs, 8 threads\nGPU 2"
