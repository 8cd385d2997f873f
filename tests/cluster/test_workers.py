"""Which workers are waited for, for how long, and which versions are refused."""

from dataclasses import replace

import pytest

from cluster.errors import ClusterError
from cluster.stack.planning import plan_stack
from cluster.stack.stages.workers import is_hopeless
from tests.cluster.facts import ADDRESSES, VERSIONS, converged, inventory, steps_of

MANAGER = ADDRESSES[0]


def test_a_worker_of_an_older_deployment_does_not_count():
    """Only the task of the latest deployment is the worker that is waited for."""
    wanted = inventory()
    facts = converged(wanted)
    tasks = tuple(
        replace(task, digest="old") if task.hostname == "node2" else task
        for task in facts.swarm.tasks
    )
    changed = replace(facts, swarm=replace(facts.swarm, tasks=tasks))
    assert steps_of(wanted, changed) == [(MANAGER, "wait for the workers of node2")]


@pytest.mark.parametrize(("state", "most"), [("rejected", 3), ("failed", 6)])
def test_waiting_ends_early_when_tasks_are_lost_again_and_again(state, most):
    """Those of an earlier deployment do not count: their cause may be repaired."""
    facts = converged(inventory())
    task = facts.swarm.tasks[-1]
    losses = [replace(task, id=f"r{i}", state=state) for i in range(most)]
    for count, hopeless in ((most - 1, False), (most, True)):
        swarm = replace(facts.swarm, tasks=tuple(losses[:count]))
        assert is_hopeless(swarm, before=()) == hopeless
        assert not is_hopeless(swarm, before={"r0"})


def test_a_labelled_node_outside_the_inventory_is_waited_for_and_a_drained_one_is_not():
    """Every labelled node of the swarm has a worker, unless it is drained."""
    wanted = inventory()
    facts = converged(wanted)
    labels = {"dask": "worker"}
    guest = replace(facts.swarm.members[2], swarm_id="id9", hostname="guest", labels=labels)
    for active, expected in ((True, [(MANAGER, "wait for the workers of guest")]), (False, [])):
        members = (*facts.swarm.members, replace(guest, active=active))
        changed = replace(facts, swarm=replace(facts.swarm, members=members))
        assert steps_of(wanted, changed) == expected


@pytest.mark.parametrize(
    ("package", "version", "refused"),
    [
        ("dask", "2026.7.0", True),
        ("python", "3.12.1.final.0", True),
        ("python", "3.11.9.final.0", False),
        ("lz4", "4.4.0", False),
    ],
)
def test_workers_of_other_versions_are_refused_by_name(package, version, refused):
    """Every package must be the client's; of Python major and minor count."""
    wanted = inventory()
    facts = converged(wanted)
    first, *others = facts.dask.workers
    drifted = replace(first, versions={**VERSIONS, package: version})
    changed = replace(facts, dask=replace(facts.dask, workers=(drifted, *others)))
    if refused:
        with pytest.raises(ClusterError, match=f"node1: its worker runs {package} {version}"):
            plan_stack(wanted, changed)
    else:
        assert plan_stack(wanted, changed).stages == ()


def test_a_worker_that_does_not_tell_its_versions_is_not_taken_for_right():
    """Silence is no agreement."""
    wanted = inventory()
    facts = converged(wanted)
    silent = tuple(replace(worker, versions={}) for worker in facts.dask.workers)
    with pytest.raises(ClusterError, match="not every worker tells its versions"):
        plan_stack(wanted, replace(facts, dask=replace(facts.dask, workers=silent)))
