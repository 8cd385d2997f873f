"""Rules for hosts whose firewall (ufw) is active: the swarm among nodes, NFS for its clients."""

from collections.abc import Iterator

from cluster.hosts import layout
from cluster.hosts.facts import HostFacts
from cluster.hosts.preflight import NFS_PORT
from cluster.hosts.remote import call, step
from cluster.inventory import Inventory, Node
from cluster.plan import Step

SWARM = (("2377", "tcp"), ("7946", "tcp"), ("7946", "udp"), ("4789", "udp"))


def firewall(inventory: Inventory, node: Node, facts: HostFacts) -> Iterator[Step]:
    """Add the rules that are missing, if the host's firewall is active."""
    if facts.firewall is None:
        return
    if missing := [rule for rule in rules(inventory, node) if rule not in facts.firewall]:
        what = f"let the other nodes in: {', '.join(missing)}"
        allow = call("server.shell", commands=missing)
        yield step(node, what, "the firewall is active", allow)


def rules(inventory: Inventory, node: Node) -> Iterator[str]:
    """The rules a node needs, as `ufw show added` prints them."""
    for other in inventory.nodes:
        if other != node:
            yield from (_rule(other.address, port, protocol) for port, protocol in SWARM)
    if layout.serves(inventory, node):
        for client in inventory.share_clients:
            if client != node.address:
                yield _rule(client, str(NFS_PORT), "tcp")


def _rule(source: str, port: str, protocol: str) -> str:
    return f"ufw allow from {source} to any port {port} proto {protocol}"
