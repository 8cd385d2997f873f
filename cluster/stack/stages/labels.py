"""The labels of the swarm's nodes; those that the inventory does not mention are left alone."""

from collections.abc import Iterator
from dataclasses import dataclass

from cluster.docker.command import docker
from cluster.inventory import Inventory
from cluster.plan import Stage, Step
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
    return Stage.of("labels", _steps(inventory, facts))


def _steps(inventory: Inventory, facts: Facts) -> Iterator[Step]:
    manager = inventory.manager
    for node in inventory.nodes:
        member = facts.member(node)
        present = member.labels if member else {}
        missing = tuple(
            f"{key}={value}"
            for key, value in sorted(node.labels.items())
            if present.get(key) != value
        )
        if missing:
            what = f"add the label {', '.join(missing)}"
            action = LabelNode(manager.endpoint, member.swarm_id, missing) if member else None
            yield Step(node.address, what, "it is missing", action)
