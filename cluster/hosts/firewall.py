"""Rules for hosts whose firewall (ufw) is active: the swarm among nodes, NFS for its clients."""

from collections.abc import Iterator

from cluster.hosts import layout
from cluster.hosts.facts import HostFacts
from cluster.hosts.remote import call, change_step
from cluster.inventory import Inventory, Node
from cluster.plan import Step
from cluster.requirements import GOSSIP_PORT, NFS_PORT, OVERLAY_PORT, SWARM_PORT

SWARM_RULES = (
    (SWARM_PORT, "tcp"),
    (GOSSIP_PORT, "tcp"),
    (GOSSIP_PORT, "udp"),
    (OVERLAY_PORT, "udp"),
)


def plan_firewall(inventory: Inventory, node: Node, facts: HostFacts) -> Iterator[Step]:
    """Plan the rules that are missing, if the host's firewall is active."""
    if facts.firewall is None:
        return
    if missing := [rule for rule in firewall_rules(inventory, node) if rule not in facts.firewall]:
        what = f"let the other nodes in: {', '.join(missing)}"
        allow = call("server.shell", commands=missing)
        yield change_step(node, what, "the firewall is active", allow)


def firewall_rules(inventory: Inventory, node: Node) -> Iterator[str]:
    """Return the rules a node needs, as `ufw show added` prints them."""
    for other in inventory.nodes:
        if other != node:
            yield from (_rule(other.address, port, protocol) for port, protocol in SWARM_RULES)
    if layout.serves(inventory, node):
        for client in inventory.share_clients:
            if client != node.address:
                yield _rule(client, NFS_PORT, "tcp")


def _rule(source: str, port: int, protocol: str) -> str:
    return f"ufw allow from {source} to any port {port} proto {protocol}"
