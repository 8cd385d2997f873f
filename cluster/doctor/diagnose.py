"""The doctor: every check of a cluster, first of the machines, then of the stack on them."""

from cluster.doctor.check import Check
from cluster.doctor.host_checks import host_checks
from cluster.doctor.observe import observe
from cluster.doctor.stack_checks import stack_checks
from cluster.hosts.gather import read_hosts
from cluster.inventory import Inventory
from cluster.stack.gather import read_facts


def diagnose(inventory: Inventory) -> list[Check]:
    """Run every check that fits the inventory; nothing is changed."""
    machines = diagnose_hosts(inventory) if inventory.hosts == "bare" else []
    return [*machines, *diagnose_stack(inventory)]


def diagnose_hosts(inventory: Inventory) -> list[Check]:
    """Check the machines: fit for `up`, and as `up` leaves them."""
    return host_checks(inventory, read_hosts(inventory))


def diagnose_stack(inventory: Inventory) -> list[Check]:
    """Check share, image, swarm, network, workers and versions."""
    facts = read_facts(inventory)
    return stack_checks(inventory, facts, observe(inventory, facts))
