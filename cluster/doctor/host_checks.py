"""The doctor's judgement of the machines: what makes one unfit, or what `up` would do there."""

from cluster.doctor.check import Check
from cluster.hosts.facts import Hosts
from cluster.hosts.planning import plan_hosts
from cluster.hosts.preflight import unfit_hosts
from cluster.inventory import Inventory

FIT = "system, clock, disk, ports, packages, exports, mounts, membership"


def host_checks(inventory: Inventory, hosts: Hosts) -> list[Check]:
    """Return a line for everything that is wrong, and one for each machine where nothing is."""
    wrong = _unfit(inventory, hosts) or [
        Check(step.host, step.what, f"{step.why}; run `python -m cluster up`")
        for step in plan_hosts(inventory, hosts).steps
    ]
    troubled = {check.host for check in wrong}
    fit = [Check(node.address, FIT) for node in inventory.nodes if node.address not in troubled]
    return [*wrong, *fit]


def _unfit(inventory: Inventory, hosts: Hosts) -> list[Check]:
    unreached = [Check(host, "SSH and sudo", why) for host, why in hosts.unreached.items()]
    unfit = [
        Check(one.host, one.what, one.remedy)
        for one in unfit_hosts(inventory, hosts)
        if one.host not in hosts.unreached
    ]
    return [*unreached, *unfit]
