"""The labels of the swarm's nodes; those that the inventory does not mention are left alone."""

from collections.abc import Iterator
from dataclasses import dataclass

from cluster.docker.command import docker
from cluster.inventory import Inventory, Node
from cluster.plan import Stage, Step, stage
from cluster.stack.facts import Facts


@dataclass(frozen=True)
class LabelNode:
    """Put labels on a node of the swarm."""

    endpoint: str
    swarm_id: str
    labels: tuple[str, ...]

    def apply(self) -> None:
        """Put them on."""
        options = [option for label in self.labels for option in ("--label-add", label)]
        docker(self.endpoint, "node", "update", *options, self.swarm_id)


def plan_labels(inventory: Inventory, facts: Facts) -> Stage:
    """Add the labels that are missing or have another value."""
    return stage("labels", _steps(inventory, facts))


def _steps(inventory: Inventory, facts: Facts) -> Iterator[Step]:
    for node in inventory.nodes:
        swarm_id, present = _member_labels(node, facts)
        missing = tuple(
            f"{key}={value}"
            for key, value in sorted(node.labels.items())
            if present.get(key) != value
        )
        if missing:
            action = LabelNode(inventory.manager.endpoint, swarm_id, missing) if swarm_id else None
            yield Step(node.address, f"add the label {', '.join(missing)}", "it is missing", action)


def _member_labels(node: Node, facts: Facts) -> tuple[str | None, dict[str, str]]:
    found = facts.nodes.get(node.address)
    swarm_id = found.swarm_id if found else None
    for member in facts.swarm.members:
        if member.swarm_id == swarm_id:
            return swarm_id, dict(member.labels)
    return None, {}
