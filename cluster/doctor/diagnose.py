"""The doctor: every check of a cluster, first of the machines, then of the stack on them."""

from cluster.doctor.check import Check
from cluster.doctor.checks import stack_checks
from cluster.doctor.observe import observe
from cluster.hosts.gather import read_hosts
from cluster.hosts.planning import plan_hosts
from cluster.hosts.preflight import unfit_hosts
from cluster.inventory import Inventory
from cluster.stack.gather import read_facts

FIT = "system, clock, disk, ports, packages, exports, mounts, membership"


def diagnose(inventory: Inventory) -> list[Check]:
    """Run every check that fits the inventory; nothing is changed."""
    machines = diagnose_hosts(inventory) if inventory.hosts == "bare" else []
    return [*machines, *diagnose_stack(inventory)]


def diagnose_hosts(inventory: Inventory) -> list[Check]:
    """Check the machines: what makes one unfit, or else what `up` would still do there."""
    hosts = read_hosts(inventory)
    found = [Check(unfit.host, unfit.what, unfit.remedy) for unfit in unfit_hosts(inventory, hosts)]
    if not found:
        found = [
            Check(step.host, step.what, f"{step.why}; run `python -m cluster up`")
            for step in plan_hosts(inventory, hosts).steps
        ]
    troubled = {check.host for check in found}
    fit = [Check(node.address, FIT) for node in inventory.nodes if node.address not in troubled]
    return [*found, *fit]


def diagnose_stack(inventory: Inventory) -> list[Check]:
    """Check share, image, swarm, network, workers and versions."""
    facts = read_facts(inventory)
    return stack_checks(inventory, facts, observe(inventory, facts))
