"""What a host must be like before anything is done to it, and what to do when it is not."""

from collections.abc import Iterator
from dataclasses import dataclass

from cluster.doctor.checks import FREE_DISK, OLDEST_DOCKER, version
from cluster.hosts import layout
from cluster.hosts.facts import HostFacts, Hosts
from cluster.inventory import Inventory, Node

SYSTEMS = {"debian": (12,), "ubuntu": (22, 4)}
CLOCK_SECONDS = 5.0
MANAGER_PORT = 2377
NODE_PORTS = {7946: "the swarm's gossip", 4789: "overlay networks"}
NFS_PORT = 2049
# Docker listens for its swarm and its containers; rpc.* are the NFS server's own.
OWNERS = ("dockerd", "docker-proxy", "rpc.")


@dataclass(frozen=True)
class Problem:
    """What is wrong with a host, and the remedy."""

    host: str
    what: str
    remedy: str

    def __str__(self) -> str:
        """Return the one line that names host, cause and remedy."""
        return f"{self.host}: {self.what}; {self.remedy}"


def problems(inventory: Inventory, hosts: Hosts) -> list[Problem]:
    """All that stands in the way, host by host; empty when `up` can work."""
    found = [Problem(host, why, "then run up again") for host, why in hosts.unreached.items()]
    for node in inventory.nodes:
        if facts := hosts.reached.get(node.address):
            found += [Problem(node.address, *why) for why in _of_host(inventory, node, facts)]
    return found + [Problem(*why) for why in _of_swarm(inventory, hosts)]


def _of_host(inventory: Inventory, node: Node, facts: HostFacts) -> Iterator[tuple[str, str]]:
    if not _supported(facts):
        yield (f"runs {facts.system} {facts.version}", "use Debian 12, Ubuntu 22.04 or newer")
    if abs(facts.clock) > CLOCK_SECONDS:
        yield (
            f"its clock is {facts.clock:+.0f} s off this machine's",
            "synchronise both: sudo timedatectl set-ntp true",
        )
    if facts.free < FREE_DISK:
        yield (
            f"{facts.free / 2**30:.1f} GiB are free under /var/lib",
            f"free at least {FREE_DISK / 2**30:.0f} GiB there for Docker's images",
        )
    if facts.engine and version(facts.engine.version) < OLDEST_DOCKER:
        yield (
            f"Docker {facts.engine.version} is too old",
            "upgrade it to 20.10 or newer, or remove it and let up install the distribution's",
        )
    for port, what in _ports(inventory, node).items():
        process = facts.ports.get(port)
        if process and not process.startswith(OWNERS):
            yield (
                f"port {port}, needed for {what}, is used by {process}",
                f"stop {process} or move it to another port",
            )
    for folder in layout.folders(inventory, node):
        device = facts.mounts.get(folder.path)
        if device and device != "systemd-1" and not facts.files.keys() & folder.files.keys():
            yield (
                f"{folder.path} is a mount of {device} already",
                'unmount it, or say share.provide = "folder" to use it as it is',
            )


def _supported(facts: HostFacts) -> bool:
    oldest = SYSTEMS.get(facts.system)
    return oldest is not None and version(facts.version) >= oldest


def _ports(inventory: Inventory, node: Node) -> dict[int, str]:
    ports = dict(NODE_PORTS)
    if node == inventory.manager:
        ports |= {
            MANAGER_PORT: "the swarm's manager",
            inventory.scheduler.port: "the scheduler",
            inventory.dashboard.port: "the dashboard",
        }
    if layout.serves(inventory, node):
        ports[NFS_PORT] = "the NFS server"
    return ports


def _of_swarm(inventory: Inventory, hosts: Hosts) -> Iterator[tuple[str, str, str]]:
    """What an existing swarm forbids: none is ever destroyed."""
    manager = hosts.reached.get(inventory.manager.address)
    known = {member.swarm_id for member in manager.members} if manager else set()
    for node in inventory.nodes:
        facts = hosts.reached.get(node.address)
        engine = facts.engine if facts else None
        if engine is None or engine.state == "inactive":
            continue
        if node == inventory.manager:
            if not engine.manages:
                yield (
                    node.address,
                    "is in a swarm that other machines manage",
                    "name one of those as manager, or take it out: docker swarm leave",
                )
        elif engine.state != "active":
            yield (
                node.address,
                f"its swarm membership is {engine.state}",
                "see `docker info` there; if it is of no use: docker swarm leave --force",
            )
        elif engine.swarm_id not in known and not belongs(inventory, engine.managers):
            yield (
                node.address,
                "is in another swarm",
                "take it out of that one first: docker swarm leave",
            )


def belongs(inventory: Inventory, managers: frozenset[str]) -> bool:
    """Whether one of these manager addresses (host:port) is the inventory's manager."""
    return any(each.rpartition(":")[0] == inventory.manager.address for each in managers)
