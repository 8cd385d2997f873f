"""Taking down: everything `up` made in the swarm and on this machine, and nothing else."""

from dataclasses import replace

import pytest

from cluster.errors import ClusterError
from cluster.stack.teardown import RemoveStack, plan_stack_teardown
from tests.cluster.facts import ADDRESSES, bare, converged, inventory

IN_USE = "network n is in use by task t"


def test_what_up_made_is_removed_in_the_order_in_which_it_is_used():
    """The stack first, then what it used, on every node that had a part of it."""
    wanted = inventory()
    plan = plan_stack_teardown(wanted, converged(wanted))
    assert [stage.name for stage in plan.stages] == [
        "stack",
        "volumes",
        "labels",
        "secrets",
        "owner",
        "this machine",
    ]
    assert [step.host for step in plan.stages[1].steps] == list(ADDRESSES)
    assert all(step.action for step in plan.steps)
    notes = ("dask-swarm.dask.docker", "dask-swarm.dask.labels")
    assert [step.action.unwanted for step in plan.stages[2].steps] == [("dask", *notes)] * 2


def test_of_a_bare_swarm_nothing_is_removed():
    """A second `down` does nothing."""
    wanted = inventory()
    assert plan_stack_teardown(wanted, bare(wanted)).stages == ()


def test_volumes_that_outlived_their_stack_are_removed():
    """As after a `down` that was interrupted."""
    wanted = inventory()
    facts = bare(wanted)
    nodes = {**facts.nodes, ADDRESSES[1]: replace(facts.nodes[ADDRESSES[1]], volumes=("v",))}
    (step,) = plan_stack_teardown(wanted, replace(facts, nodes=nodes)).steps
    assert step.host == ADDRESSES[1]


def test_the_configuration_of_another_cluster_stays():
    """Only the file that names this cluster goes."""
    wanted = inventory()
    facts = replace(bare(wanted), client_configuration="# The cluster other\n{}")
    assert plan_stack_teardown(wanted, facts).stages == ()


def test_a_network_that_an_ending_task_still_holds_is_removed_when_it_lets_go(play):
    """Docker refuses until the task has ended; the second `docker stack rm` removes it."""
    calls = play(f"if len(calls.read()) == 1: sys.exit('{IN_USE}')")
    RemoveStack("unix:///s", "dask").apply()
    assert len(calls.read_text()) == 3  # refused, removed, no network listed


@pytest.mark.parametrize(("reason", "seconds"), [("no permission", 180.0), (IN_USE, 0.0)])
def test_what_does_not_pass_by_itself_ends_the_removal(play, reason, seconds):
    """Another failure at once, a network that is never let go after a limit: with the reason."""
    play(f"sys.exit('{reason}')")
    with pytest.raises(ClusterError, match=reason):
        RemoveStack("unix:///s", "dask", seconds).apply()
