"""What the machines themselves say: system, clock, disk, ports, packages, units, mounts, Docker."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cluster.errors import ClusterError
from cluster.hosts import layout
from cluster.hosts.remote import Call, ask, call
from cluster.inventory import Inventory, Node

DOCKER_PACKAGES = frozenset(("docker.io", "docker-ce", "moby-engine"))
WANTED_PACKAGES = DOCKER_PACKAGES | {"nfs-common", "nfs-kernel-server"}


@dataclass(frozen=True)
class Engine:
    """What a running Docker says of itself.

    `state` is its membership in a swarm: inactive, active, pending, error or locked; `managers`
    are the addresses (host:port) of that swarm's managers.
    """

    version: str
    hostname: str
    state: str
    swarm_id: str
    manages: bool
    managers: frozenset[str]


@dataclass(frozen=True)
class Member:
    """A node as the swarm's manager knows it; `address` is the one it came from."""

    swarm_id: str
    hostname: str
    address: str
    state: str

    def is_on(self, node: Node, engine: Engine | None) -> bool:
        """Whether this is a membership, present or former, of a machine."""
        names = {engine.hostname} if engine else set()
        return self.address == node.address or self.hostname in names


@dataclass(frozen=True)
class HostFacts:
    """One machine. `clock` is its lead in seconds, `free` the bytes left for Docker.

    `ports` maps a listening port to its process, `files` an existing path to its text, `mounts`
    a mount point to its device. `firewall` has the rules that were added to ufw; it is None where
    no firewall is active.
    """

    account: str
    groups: frozenset[str]
    system: str
    version: str
    clock: float
    free: int
    ports: Mapping[int, str]
    packages: frozenset[str]
    running: frozenset[str]
    enabled: frozenset[str]
    engine: Engine | None
    members: tuple[Member, ...]
    files: Mapping[str, str]
    mounts: Mapping[str, str]
    firewall: frozenset[str] | None

    @property
    def has_docker(self) -> bool:
        """Whether a Docker engine is installed, from the distribution or elsewhere."""
        return bool(self.packages & DOCKER_PACKAGES)


@dataclass(frozen=True)
class Hosts:
    """The facts of each host by its address; those that could not be asked, with the reason."""

    reached: Mapping[str, HostFacts]
    unreached: Mapping[str, str]


def gather(inventory: Inventory) -> Hosts:
    """Ask all hosts at once; nothing is changed."""
    with ThreadPoolExecutor(len(inventory.nodes)) as pool:
        found = list(pool.map(lambda node: _try_host(inventory, node), inventory.nodes))
    named = dict(zip((node.address for node in inventory.nodes), found, strict=True))
    return Hosts(
        reached={host: facts for host, facts in named.items() if isinstance(facts, HostFacts)},
        unreached={host: facts for host, facts in named.items() if isinstance(facts, str)},
    )


def _try_host(inventory: Inventory, node: Node) -> HostFacts | str:
    try:
        return read_host(inventory, node)
    except ClusterError as error:
        return str(error).removeprefix(f"{node.address}: ")


def read_host(inventory: Inventory, node: Node) -> HostFacts:
    """Ask one host; raise ClusterError when it cannot be reached or has no sudo."""
    units = ("docker.service", "nfs-server.service", *layout.units(inventory, node))
    questions: dict[str, Call] = {
        "clock": call("server.Date"),
        "account": call("Account"),
        "system": call("server.OsRelease"),
        "free": call("FreeSpace", path="/var/lib"),
        "ports": call("server.Ports"),
        "packages": call("deb.DebPackages"),
        "running": call("systemd.SystemdStatus", services=units),
        "enabled": call("systemd.SystemdEnabled", services=units),
        "engine": call("docker.DockerSystemInfo", _ignore_errors=True),
        "members": call("SwarmMembers"),
        "mounts": call("server.Mounts"),
        "firewall": call("Firewall"),
        "files": call("Texts", paths=layout.paths(inventory, node)),
    }
    asked = datetime.now(UTC)
    said = dict(zip(questions, ask(node, questions.values()), strict=True))
    account, *groups = said["account"]
    return HostFacts(
        account=account,
        groups=frozenset(groups),
        system=said["system"].get("id", ""),
        version=said["system"].get("version_id", ""),
        clock=_lead(said["clock"], asked, datetime.now(UTC)),
        free=said["free"],
        ports={port["port"]: port["process"] for port in said["ports"]},
        packages=WANTED_PACKAGES & frozenset(said["packages"]),
        running=_true(said["running"]),
        enabled=_true(said["enabled"]),
        engine=_engine(said["engine"]),
        members=tuple(map(_member, said["members"])),
        files=said["files"],
        mounts={path: mount["device"] for path, mount in said["mounts"].items()},
        firewall=frozenset(said["firewall"]) if said["firewall"] else None,
    )


def _lead(clock: str, before: datetime, after: datetime) -> float:
    """Seconds by which a clock lies outside of the time in which it was read."""
    time = datetime.fromisoformat(clock)
    return max((time - after).total_seconds(), 0.0) - max((before - time).total_seconds(), 0.0)


def _true(units: Mapping[str, bool]) -> frozenset[str]:
    return frozenset(unit for unit, is_so in units.items() if is_so)


def _member(node: Mapping[str, Any]) -> Member:
    status = node["Status"]
    hostname = node["Description"]["Hostname"]
    return Member(node["ID"], hostname, status.get("Addr", ""), status["State"])


def _engine(info: Mapping[str, Any] | None) -> Engine | None:
    if not info or not info.get("ServerVersion"):
        return None
    swarm = info["Swarm"]
    return Engine(
        version=info["ServerVersion"],
        hostname=info["Name"],
        state=swarm["LocalNodeState"],
        swarm_id=swarm["NodeID"],
        manages=swarm["ControlAvailable"],
        managers=frozenset(manager["Addr"] for manager in swarm.get("RemoteManagers") or ()),
    )
