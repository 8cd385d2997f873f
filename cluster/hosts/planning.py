"""From inventory and facts of the hosts to what is left to do there: pure, empty at the end."""

from collections.abc import Iterator

from cluster.errors import ClusterError
from cluster.hosts.facts import Hosts
from cluster.hosts.firewall import firewall
from cluster.hosts.membership import initialise, join
from cluster.hosts.mounts import mounts
from cluster.hosts.nfs_export import export
from cluster.hosts.packages import install
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
        yield from install(inventory, node, facts)
        yield from firewall(inventory, node, facts)
        yield from export(inventory, node, facts)
        yield from initialise(inventory, node, facts)


def across_hosts(inventory: Inventory, hosts: Hosts) -> Iterator[Step]:
    """Plan what needs the manager or the NFS server to be ready: mounts and memberships."""
    listed = hosts.reached[inventory.manager.address].members
    for node in inventory.nodes:
        facts = hosts.reached[node.address]
        yield from mounts(inventory, node, facts)
        yield from join(inventory, node, facts, listed)
