"""What a change of the inventory, or of who makes it, leads to: refused, or told what it costs."""

from dataclasses import replace

import pytest

from cluster.errors import ClusterError
from cluster.local.credentials import Credentials
from cluster.stack.facts import Claim
from cluster.stack.planning import plan_stack
from cluster.stack.stages.deployment import DeployStack
from cluster.stack.teardown import plan_stack_teardown
from tests.cluster.facts import ADDRESSES, actions, change_node, converged, inventory


def test_a_cluster_of_somebody_else_is_refused_with_who_made_it_and_when():
    """By the plan, and by taking it down."""
    wanted = inventory()
    facts = converged(wanted)
    claim = Claim("theirs", "ben@desk", "2026-04-01 10:00 UTC")
    changed = replace(facts, swarm=replace(facts.swarm, claim=claim))
    for plan in (plan_stack, plan_stack_teardown):
        with pytest.raises(ClusterError, match="made by ben@desk on 2026-04-01 10:00 UTC") as error:
            plan(wanted, changed)
        assert "docker config rm dask-owner" in str(error.value)


def test_a_cluster_whose_keys_are_elsewhere_is_not_made_anew():
    """A second home has no authority yet, and makes none."""
    wanted = inventory()
    facts = converged(wanted)
    nothing = Credentials(wanted.state_folder, {}, None, {})
    with pytest.raises(ClusterError, match="the one in /state, which holds none"):
        plan_stack(wanted, replace(facts, credentials=nothing))


def test_addresses_that_are_swapped_are_named():
    """Each says which Docker is whose."""
    wanted = inventory()
    facts = converged(wanted)
    facts = change_node(facts, ADDRESSES[1], swarm_address=ADDRESSES[2])
    facts = change_node(facts, ADDRESSES[2], swarm_address=ADDRESSES[1])
    with pytest.raises(ClusterError) as error:
        plan_stack(wanted, facts)
    lines = str(error.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == list(ADDRESSES[1:])
    assert f"unix:///w0.sock is the swarm's {ADDRESSES[2]}" in lines[0]


def test_an_address_that_the_swarm_does_not_know_may_be_another_network():
    """A node may be reached by one address and be a member by another."""
    wanted = inventory()
    facts = change_node(converged(wanted), ADDRESSES[1], swarm_address="192.168.0.7")
    assert not plan_stack(wanted, facts).stages


def test_a_scheduler_larger_than_the_manager_is_refused():
    """The swarm would wait for a larger one for ever."""
    wanted = inventory(scheduler={"memory": "9G"})
    with pytest.raises(ClusterError, match=r"scheduler\.memory: 9G is more than the manager has"):
        plan_stack(wanted, converged(wanted))


def test_what_only_the_workers_read_leaves_the_scheduler_as_it_is():
    """So a running job goes on, and the workers restart one after the other."""
    facts = converged(inventory())
    (deploy,) = actions(inventory(worker={"memory": "1G"}), facts, DeployStack)
    before = {name: service.digest for name, service in facts.swarm.services.items()}
    digests = dict(deploy.digests)
    assert digests["scheduler"] == before["scheduler"]
    assert digests["worker"] != before["worker"]
    assert dict(deploy.variables)["WORKERS_AT_ONCE"] == "1"


def test_what_restarts_the_scheduler_says_that_jobs_are_lost():
    """And the workers restart all at once: versions must not mix."""
    wanted = inventory(scheduler={"memory": "2G"})
    facts = converged(inventory())
    (step,) = [step for step in plan_stack(wanted, facts).steps if "deploy" in step.what]
    assert "running jobs are lost" in step.why
    assert dict(step.action.variables)["WORKERS_AT_ONCE"] == "0"
