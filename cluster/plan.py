"""From what is wanted and what is there to what is to be done: pure, and empty when nothing is."""

from collections.abc import Callable

from cluster.facts import Facts
from cluster.inventory import Inventory
from cluster.step import Plan, Stage

Planner = Callable[[Inventory, Facts], Stage]

PLANNERS: tuple[Planner, ...] = ()


def plan(inventory: Inventory, facts: Facts) -> Plan:
    """All the changes that are left, in order."""
    stages = (planner(inventory, facts) for planner in PLANNERS)
    return Plan(tuple(stage for stage in stages if stage.steps))
