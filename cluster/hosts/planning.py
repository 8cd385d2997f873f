"""From inventory and facts of the hosts to what is left to do there: pure, empty at the end."""

from collections.abc import Iterator

from cluster.errors import ClusterError
from cluster.hosts.facts import Hosts
from cluster.hosts.firewall import plan_firewall
from cluster.hosts.membership import plan_membership, plan_swarm
from cluster.hosts.mounts import plan_mounts
from cluster.hosts.nfs_export import plan_export
from cluster.hosts.packages import plan_packages
from cluster.hosts.preflight import unfit_hosts
from cluster.inventory import Inventory
from cluster.plan import Plan, Stage, Step


def plan_hosts(inventory: Inventory, hosts: Hosts) -> Plan:
    """Return what is left to do on the hosts: first each for itself, then with the others.

    Raises ClusterError, before anything is done, with one line for each host that is not fit.
    """
    if unfit := unfit_hosts(inventory, hosts):
        raise ClusterError("\n".join(map(str, unfit)))
    return Plan.of(
        Stage.of("machines", per_host(inventory, hosts)),
        Stage.of("members", across_hosts(inventory, hosts)),
    )


def per_host(inventory: Inventory, hosts: Hosts) -> Iterator[Step]:
    """Plan what needs no other host: packages, firewall, the exports, a new swarm."""
    for node in inventory.nodes:
        facts = hosts.reached[node.address]
        yield from plan_packages(inventory, node, facts)
        yield from plan_firewall(inventory, node, facts)
        yield from plan_export(inventory, node, facts)
        yield from plan_swarm(inventory, node, facts)


def across_hosts(inventory: Inventory, hosts: Hosts) -> Iterator[Step]:
    """Plan what needs the manager or the NFS server to be ready: mounts and memberships."""
    listed = hosts.reached[inventory.manager.address].members
    for node in inventory.nodes:
        facts = hosts.reached[node.address]
        yield from plan_mounts(inventory, node, facts)
        yield from plan_membership(inventory, node, facts, listed)
