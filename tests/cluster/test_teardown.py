"""Taking down: everything `up` made in the swarm and on this machine, and nothing else."""

from dataclasses import replace

from cluster.teardown import plan_teardown
from tests.cluster.facts import ADDRESSES, bare, converged, inventory


def test_what_up_made_is_removed_in_the_order_in_which_it_is_used():
    """The stack first, then what it used, on every node that had a part of it."""
    wanted = inventory()
    plan = plan_teardown(wanted, converged(wanted))
    assert [stage.name for stage in plan.stages] == ["stack", "volumes", "secrets", "this machine"]
    assert [step.host for step in plan.stages[1].steps] == list(ADDRESSES)
    assert all(step.action for step in plan.steps)


def test_of_a_bare_swarm_nothing_is_removed():
    """A second `down` does nothing."""
    wanted = inventory()
    assert plan_teardown(wanted, bare(wanted)).stages == ()


def test_volumes_that_outlived_their_stack_are_removed():
    """As after a `down` that was interrupted."""
    wanted = inventory()
    facts = bare(wanted)
    nodes = {**facts.nodes, ADDRESSES[1]: replace(facts.nodes[ADDRESSES[1]], volumes=("v",))}
    (step,) = plan_teardown(wanted, replace(facts, nodes=nodes)).steps
    assert step.host == ADDRESSES[1]


def test_the_configuration_of_another_cluster_stays():
    """Only the file that names this cluster goes."""
    wanted = inventory()
    facts = replace(bare(wanted), client_configuration="# The cluster other\n{}")
    assert plan_teardown(wanted, facts).stages == ()
