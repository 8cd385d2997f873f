"""From bare machines to a swarm and a share: what is left to do on the hosts, in order."""

from collections.abc import Iterator

from cluster.errors import ClusterError
from cluster.hosts.facts import Hosts
from cluster.hosts.firewall import firewall
from cluster.hosts.membership import initialise, join
from cluster.hosts.mounts import mounts
from cluster.hosts.nfs_export import export
from cluster.hosts.packages import machine
from cluster.hosts.preflight import problems
from cluster.inventory import Inventory
from cluster.plan import Plan, Step, stage


def plan(inventory: Inventory, hosts: Hosts) -> Plan:
    """All that is left to do on the hosts, in two stages: each for itself, then with the others.

    Raises ClusterError, before anything is done, with one line for each host that is not fit.
    """
    if found := problems(inventory, hosts):
        raise ClusterError("\n".join(map(str, found)))
    stages = (
        stage("machines", alone(inventory, hosts)),
        stage("members", joined(inventory, hosts)),
    )
    return Plan(tuple(stage for stage in stages if stage.steps))


def alone(inventory: Inventory, hosts: Hosts) -> Iterator[Step]:
    """What hosts need nothing of each other for: packages, rules, the exports, a new swarm."""
    for node in inventory.nodes:
        facts = hosts.reached[node.address]
        yield from machine(inventory, node, facts)
        yield from firewall(inventory, node, facts)
        yield from export(inventory, node, facts)
        yield from initialise(inventory, node, facts)


def joined(inventory: Inventory, hosts: Hosts) -> Iterator[Step]:
    """What needs the manager or the NFS server to be ready: mounts and memberships."""
    listed = hosts.reached[inventory.manager.address].members
    for node in inventory.nodes:
        facts = hosts.reached[node.address]
        yield from mounts(inventory, node, facts)
        yield from join(inventory, node, facts, listed)
