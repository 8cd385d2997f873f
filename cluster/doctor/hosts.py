"""The doctor's look at the machines: what makes one unfit, and what `up` would still do there."""

from cluster.doctor.checks import Check
from cluster.hosts.facts import gather
from cluster.hosts.planning import plan
from cluster.hosts.preflight import problems
from cluster.inventory import Inventory

FIT = "system, clock, disk, ports, packages, exports, mounts, membership"


def examine(inventory: Inventory) -> list[Check]:
    """Check all hosts; nothing is changed."""
    hosts = gather(inventory)
    found = [Check(one.host, one.what, one.remedy) for one in problems(inventory, hosts)]
    if not found:
        found = [
            Check(step.host, step.what, f"{step.why}; run `python -m cluster up`")
            for step in plan(inventory, hosts).steps
        ]
    troubled = {check.host for check in found}
    fit = [Check(node.address, FIT) for node in inventory.nodes if node.address not in troubled]
    return [*found, *fit]
