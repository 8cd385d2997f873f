"""Whose the cluster is, written into the swarm, so that nobody else changes it unawares."""

from collections.abc import Iterator
from dataclasses import dataclass

from cluster.inventory import Inventory
from cluster.plan import Plan, Stage, Step
from cluster.stack.claims import OWNER, make_claim, remove_claim
from cluster.stack.facts import Facts


@dataclass(frozen=True)
class MakeClaim:
    """Claim the cluster for an authority."""

    inventory: Inventory
    authority: str

    def apply(self) -> None:
        """Claim it; ClusterError if somebody has."""
        make_claim(self.inventory, OWNER, self.authority)


@dataclass(frozen=True)
class RemoveClaim:
    """Take the claim to the cluster back."""

    inventory: Inventory

    def apply(self) -> None:
        """Take it back."""
        remove_claim(self.inventory, OWNER)


def plan_claim(inventory: Inventory, facts: Facts) -> Stage:
    """Write into the swarm whose the cluster is."""
    return Stage.of("owner", _steps(inventory, facts))


def plan_disowning(inventory: Inventory, facts: Facts) -> Plan:
    """Take the claim out of the swarm, where there is one."""
    return Plan.of(Stage.of("owner", disowning(inventory, facts)))


def disowning(inventory: Inventory, facts: Facts) -> Iterator[Step]:
    """Return the step that takes the claim out of the swarm, where there is one."""
    if facts.swarm.claim:
        what, why = "forget who made this cluster", "its authority ends"
        yield Step(inventory.manager.address, what, why, RemoveClaim(inventory))


def _steps(inventory: Inventory, facts: Facts) -> Iterator[Step]:
    if facts.swarm.claim is None:
        manager, authority = inventory.manager, facts.credentials.authority
        in_swarm = manager.address in facts.nodes and facts.nodes[manager.address].manages
        action = MakeClaim(inventory, authority) if authority and in_swarm else None
        why = "others are then told whose it is"
        yield Step(manager.address, "write down who makes this cluster", why, action)
