"""Labels: what the inventory asks for is put on, and what it no longer asks for is taken off."""

from dataclasses import replace

from cluster.stack.facts import Facts
from cluster.stack.planning import plan_stack
from cluster.stack.stages.labels import Dismiss, LabelNode
from tests.cluster.facts import ADDRESSES, actions, converged, inventory


def relabelled(facts: Facts, address: str, **changes: str | None) -> Facts:
    """The same, with other labels on one node; None takes one off."""
    swarm_id = facts.nodes[address].swarm_id
    members = tuple(
        replace(
            member,
            labels={k: v for k, v in {**member.labels, **changes}.items() if v is not None},
        )
        if member.swarm_id == swarm_id
        else member
        for member in facts.swarm.members
    )
    return replace(facts, swarm=replace(facts.swarm, members=members))


def test_labels_are_added_where_they_are_missing_or_differ_and_others_are_left_alone():
    """Those of the inventory matter, and those that this project noted as its own."""
    wanted = inventory()
    changed = relabelled(converged(wanted), ADDRESSES[0], mine="1")
    changed = relabelled(changed, ADDRESSES[1], dask="no", disk="ssd")
    assert actions(wanted, changed, LabelNode) == [
        LabelNode("unix:///m.sock", "id1", ("dask=worker",))
    ]


def test_a_label_that_the_inventory_no_longer_has_is_taken_off_if_it_was_put_on():
    """One that somebody else has put on a node stays."""
    before = inventory(
        workers=[{"address": ADDRESSES[1], "labels": {"dask": "worker", "gpu": "1"}}]
    )
    after = inventory(
        manager={"address": ADDRESSES[0], "docker": "unix:///m.sock", "labels": {"dask": "worker"}},
        workers=[{"address": ADDRESSES[1], "labels": {"gpu": "1"}}],
    )
    changed = relabelled(converged(before), ADDRESSES[1], disk="ssd")
    (step,) = [step for step in plan_stack(after, changed).steps if step.host == ADDRESSES[1]]
    assert step.what == "remove the label dask"
    assert step.action == LabelNode(
        "unix:///m.sock", "id1", ("dask-swarm.dask.labels=gpu",), ("dask",)
    )


def test_of_a_node_without_labels_the_notes_go_too():
    """Nothing of this project's is left on it."""
    before = inventory()
    after = inventory(
        workers=[
            {"address": ADDRESSES[1], "docker": "unix:///w0.sock", "labels": {}},
            {"address": ADDRESSES[2], "docker": "unix:///w1.sock"},
        ]
    )
    (action,) = actions(after, converged(before), LabelNode)
    notes = ("dask-swarm.dask.docker", "dask-swarm.dask.labels")
    assert action == LabelNode("unix:///m.sock", "id1", (), ("dask", *notes))


def test_a_node_that_left_the_inventory_is_dismissed():
    """Its labels, its worker and its volumes, wherever its Docker was; then nothing is left."""
    before = inventory()
    after = inventory(workers=[{"address": ADDRESSES[1], "docker": "unix:///w0.sock"}])
    facts = converged(before)
    facts = replace(facts, nodes={a: facts.nodes[a] for a in ADDRESSES[:2]})
    (action,) = actions(after, facts, Dismiss)
    notes = ("dask-swarm.dask.docker", "dask-swarm.dask.labels")
    assert action == Dismiss("unix:///m.sock", "id2", "unix:///w1.sock", "dask", ("dask",), notes)
    (last,) = [member for member in facts.swarm.members if member.swarm_id == "id2"]
    rest = tuple(replace(m, labels={}) if m == last else m for m in facts.swarm.members)
    assert actions(after, replace(facts, swarm=replace(facts.swarm, members=rest)), Dismiss) == []


def test_a_node_of_another_cluster_is_left_alone():
    """Two clusters on one swarm know their own nodes."""
    before = inventory(name="theirs")
    after = inventory(workers=[{"address": ADDRESSES[1], "docker": "unix:///w0.sock"}])
    facts = converged(before)
    facts = replace(facts, nodes={a: facts.nodes[a] for a in ADDRESSES[:2]})
    assert actions(after, facts, Dismiss) == []
