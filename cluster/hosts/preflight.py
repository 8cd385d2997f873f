"""What a host must be like before anything is changed on it, and what to do when it is not."""

from collections.abc import Iterator
from dataclasses import dataclass

from cluster.hosts import layout
from cluster.hosts.facts import HostFacts, Hosts
from cluster.inventory import Inventory, Node
from cluster.requirements import (
    FREE_DISK_BYTES,
    GOSSIP_PORT,
    NFS_PORT,
    OLDEST_DOCKER,
    OVERLAY_PORT,
    SWARM_PORT,
    leading_numbers,
)
from cluster.sizes import GIBIBYTE

SYSTEMS = {"debian": (12,), "ubuntu": (22, 4)}
CLOCK_SECONDS = 5.0
AUTOMOUNT = "systemd-1"  # the device of a folder that is mounted when it is first used
NODE_PORTS = {GOSSIP_PORT: "the swarm's gossip", OVERLAY_PORT: "overlay networks"}
# Docker listens for its swarm and its containers; the NFS server's processes are called rpc.*
OUR_PROCESSES = ("dockerd", "docker-proxy", "rpc.")


@dataclass(frozen=True)
class Unfit:
    """Why `up` cannot work on a host, by its address, and the remedy."""

    host: str
    what: str
    remedy: str

    def __str__(self) -> str:
        """Return the one line that names host, cause and remedy."""
        return f"{self.host}: {self.what}; {self.remedy}"


def unfit_hosts(inventory: Inventory, hosts: Hosts) -> list[Unfit]:
    """Return everything that stands in the way; empty when `up` can work."""
    found = [Unfit(host, why, "then run up again") for host, why in hosts.unreached.items()]
    for node in inventory.nodes:
        if facts := hosts.reached.get(node.address):
            found += _unfit_machine(node, facts)
            found += _ports_in_use(inventory, node, facts)
            found += _mounts_in_the_way(inventory, node, facts)
    return [*found, *_foreign_swarms(inventory, hosts)]


def _unfit_machine(node: Node, facts: HostFacts) -> Iterator[Unfit]:
    if not _supported(facts):
        yield Unfit(
            node.address,
            f"runs {facts.system} {facts.version}",
            "use Debian 12, Ubuntu 22.04 or newer",
        )
    if abs(facts.clock) > CLOCK_SECONDS:
        yield Unfit(
            node.address,
            f"its clock is {facts.clock:+.0f} s off this machine's",
            "synchronise both: sudo timedatectl set-ntp true",
        )
    if facts.free < FREE_DISK_BYTES:
        yield Unfit(
            node.address,
            f"{facts.free / GIBIBYTE:.1f} GiB are free under /var/lib",
            f"free at least {FREE_DISK_BYTES / GIBIBYTE:.0f} GiB there for Docker's images",
        )
    if facts.engine and leading_numbers(facts.engine.version) < OLDEST_DOCKER:
        yield Unfit(
            node.address,
            f"Docker {facts.engine.version} is too old",
            "upgrade it to 20.10 or newer, or remove it and let up install the distribution's",
        )


def _ports_in_use(inventory: Inventory, node: Node, facts: HostFacts) -> Iterator[Unfit]:
    for port, purpose in _ports(inventory, node).items():
        process = facts.ports.get(port)
        if process and not process.startswith(OUR_PROCESSES):
            yield Unfit(
                node.address,
                f"port {port}, needed for {purpose}, is used by {process}",
                f"stop {process} or move it to another port",
            )


def _mounts_in_the_way(inventory: Inventory, node: Node, facts: HostFacts) -> Iterator[Unfit]:
    for folder in layout.folders(inventory, node):
        device = facts.mounts.get(folder.path)
        if device and device != AUTOMOUNT and not facts.files.keys() & folder.files.keys():
            yield Unfit(
                node.address,
                f"{folder.path} is a mount of {device} already",
                'unmount it, or say share.provide = "folder" to use it as it is',
            )


def _supported(facts: HostFacts) -> bool:
    oldest = SYSTEMS.get(facts.system)
    return oldest is not None and leading_numbers(facts.version) >= oldest


def _ports(inventory: Inventory, node: Node) -> dict[int, str]:
    ports = dict(NODE_PORTS)
    if node == inventory.manager:
        ports |= {
            SWARM_PORT: "the swarm's manager",
            inventory.scheduler.port: "the scheduler",
            inventory.dashboard.port: "the dashboard",
        }
    if layout.serves(inventory, node):
        ports[NFS_PORT] = "the NFS server"
    return ports


def _foreign_swarms(inventory: Inventory, hosts: Hosts) -> Iterator[Unfit]:
    """Find the nodes that are in a swarm of another cluster, which `up` never destroys."""
    manager = hosts.reached.get(inventory.manager.address)
    known = {member.swarm_id for member in manager.members} if manager else set()
    for node in inventory.nodes:
        facts = hosts.reached.get(node.address)
        engine = facts.engine if facts else None
        if engine is None or engine.state == "inactive":
            continue
        if node == inventory.manager:
            if not engine.manages:
                yield Unfit(
                    node.address,
                    "is in a swarm that other machines manage",
                    "name one of those as manager, or take it out: docker swarm leave",
                )
        elif engine.state != "active":
            yield Unfit(
                node.address,
                f"its swarm membership is {engine.state}",
                "see `docker info` there; if nothing needs it: docker swarm leave --force",
            )
        elif engine.swarm_id not in known and not _names_our_manager(inventory, engine.managers):
            yield Unfit(
                node.address,
                "is in another swarm",
                "take it out of that one first: docker swarm leave",
            )


def _names_our_manager(inventory: Inventory, managers: frozenset[str]) -> bool:
    """Whether one of these manager addresses (host:port) is the inventory's manager."""
    return any(each.rpartition(":")[0] == inventory.manager.address for each in managers)
