"""The labels of the swarm's nodes: those of the inventory, and none that it no longer asks for.

Two labels of this project's own tell which ones it has put on a node, and how Docker is reached
there. All others are left alone.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from cluster.docker.command import docker
from cluster.docker.stack_objects import ClearNode
from cluster.inventory import WORKER_LABEL, Inventory, Node
from cluster.plan import Plan, Stage, Step
from cluster.stack.facts import Facts


@dataclass(frozen=True)
class LabelNode:
    """Put labels on a node of the swarm, and take others off."""

    endpoint: str
    swarm_id: str
    labels: tuple[str, ...]
    unwanted: tuple[str, ...] = ()

    def apply(self) -> None:
        """Change them, all at once."""
        options = [option for label in self.labels for option in ("--label-add", label)]
        options += [option for key in self.unwanted for option in ("--label-rm", key)]
        docker(self.endpoint, "node", "update", *options, self.swarm_id)


@dataclass(frozen=True)
class Dismiss:
    """Take what is this project's off a node that has left the inventory.

    Its worker hands over what it holds when its label goes; then go the stack's volumes there, and
    last the `notes`, the labels that say where they are.
    """

    manager: str
    swarm_id: str
    node: str
    stack: str
    labels: tuple[str, ...]
    notes: tuple[str, ...]

    def apply(self) -> None:
        """Do so; done again, it goes on where it was cut off."""
        if self.labels:
            LabelNode(self.manager, self.swarm_id, (), self.labels).apply()
        ClearNode(self.node, self.stack).apply()
        LabelNode(self.manager, self.swarm_id, (), self.notes).apply()


def plan_labels(inventory: Inventory, facts: Facts) -> Stage:
    """Add the labels that are missing or differ, and take off those that were this project's."""
    return Stage.of("labels", [*_steps(inventory, facts), *dismissals(inventory, facts)])


def plan_working(inventory: Inventory, facts: Facts, wanted: Collection[Node]) -> Plan:
    """Let the `wanted` nodes work, and no other that the inventory makes a worker."""
    return Plan.of(Stage.of("labels", _working(inventory, facts, wanted)))


def _working(inventory: Inventory, facts: Facts, wanted: Collection[Node]) -> Iterator[Step]:
    key, value = WORKER_LABEL
    for node in inventory.nodes:
        member = facts.member(node)
        if (
            member is None
            or not node.works
            or (member.labels.get(key) == value) == (node in wanted)
        ):
            continue
        added, removed = ((f"{key}={value}",), ()) if node in wanted else ((), (key,))
        action = LabelNode(inventory.manager.endpoint, member.swarm_id, added, removed)
        what, _ = _told(list(added), list(removed))
        yield Step(node.address, what, "so many are to work", action)


def dismissals(inventory: Inventory, facts: Facts) -> Iterator[Step]:
    """Return the steps that clear the nodes that have left the inventory."""
    present = {member.swarm_id for node in inventory.nodes if (member := facts.member(node))}
    place, kept = note_labels(inventory)
    for member in facts.swarm.members:
        if member.swarm_id in present or place not in member.labels:
            continue
        action = Dismiss(
            manager=inventory.manager.endpoint,
            swarm_id=member.swarm_id,
            node=member.labels[place],
            stack=inventory.name,
            labels=_put_on(member.labels, kept),
            notes=tuple(key for key in (place, kept) if key in member.labels),
        )
        what = "remove its labels, its worker and the stack's volumes"
        yield Step(member.hostname, what, "it left the inventory", action)


def removals(inventory: Inventory, facts: Facts) -> Iterator[Step]:
    """Return the steps that take everything off that was put on, as when the cluster ends."""
    notes = note_labels(inventory)
    for node in inventory.nodes:
        if (member := facts.member(node)) and (ours := _ours(member.labels, notes)):
            action = LabelNode(inventory.manager.endpoint, member.swarm_id, (), tuple(sorted(ours)))
            dropped = [key for key in sorted(ours) if key not in notes]
            what = f"remove the label {', '.join(dropped)}" if dropped else "remove its notes"
            yield Step(node.address, what, "up put it there", action)
    yield from dismissals(inventory, facts)


def note_labels(inventory: Inventory) -> tuple[str, str]:
    """Return the labels that note a node's Docker endpoint, and which labels were put on it."""
    return f"dask-swarm.{inventory.name}.docker", f"dask-swarm.{inventory.name}.labels"


def labels_of(inventory: Inventory, node: Node) -> dict[str, str]:
    """Return the labels that a node is to have: the inventory's, and the two that note them."""
    if not node.labels:
        return {}
    notes = zip(note_labels(inventory), (node.endpoint, " ".join(sorted(node.labels))), strict=True)
    return {**node.labels, **dict(notes)}


def _steps(inventory: Inventory, facts: Facts) -> Iterator[Step]:
    notes = note_labels(inventory)
    for node in inventory.nodes:
        member = facts.member(node)
        present = member.labels if member else {}
        wanted = labels_of(inventory, node)
        missing = {key: value for key, value in wanted.items() if present.get(key) != value}
        unwanted = tuple(sorted(_ours(present, notes) - wanted.keys()))
        if missing or unwanted:
            added = tuple(f"{key}={value}" for key, value in sorted(missing.items()))
            action = None
            if member:
                endpoint = inventory.manager.endpoint
                action = LabelNode(endpoint, member.swarm_id, added, unwanted)
            shown = [label for label in added if not label.startswith(notes)]
            dropped = [key for key in unwanted if key not in notes]
            yield Step(node.address, *_told(shown, dropped), action)


def _ours(labels: Mapping[str, str], notes: tuple[str, str]) -> set[str]:
    return {*_put_on(labels, notes[1]), *notes} & labels.keys()


def _put_on(labels: Mapping[str, str], kept: str) -> tuple[str, ...]:
    """Return the labels that this project has put on a node, and that are there."""
    return tuple(key for key in labels.get(kept, "").split() if key in labels)


def _told(added: list[str], removed: list[str]) -> tuple[str, str]:
    """Return what is done to a node's labels, and why."""
    if added and removed:
        what = f"add the label {', '.join(added)}, remove {', '.join(removed)}"
        return what, "the inventory says so"
    if added:
        return f"add the label {', '.join(added)}", "it is missing"
    if removed:
        return f"remove the label {', '.join(removed)}", "the inventory no longer has it"
    return "note which labels are this cluster's", "they go when it does"
