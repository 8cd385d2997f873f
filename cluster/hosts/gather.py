"""Reads the facts of all hosts: system, clock, disk, ports, packages, units, mounts, Docker."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cluster.each_node import ask_each
from cluster.hosts import layout
from cluster.hosts.facts import DOCKER_PACKAGES, Engine, HostFacts, Hosts, Member
from cluster.hosts.remote import Call, ask, call
from cluster.inventory import Inventory, Node

KNOWN_PACKAGES = DOCKER_PACKAGES | {"nfs-common", "nfs-kernel-server"}


def read_hosts(inventory: Inventory) -> Hosts:
    """Ask all hosts at once; nothing is changed."""
    answers = ask_each(inventory.nodes, lambda node: _read_host(inventory, node))
    return Hosts(
        reached=answers.values,
        unreached={host: why.removeprefix(f"{host}: ") for host, why in answers.errors.items()},
    )


def _read_host(inventory: Inventory, node: Node) -> HostFacts:
    """Ask one host; raise ClusterError when it cannot be reached or has no sudo."""
    units = (layout.DOCKER_UNIT, layout.NFS_SERVER_UNIT, *layout.units(inventory, node))
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
        packages=KNOWN_PACKAGES & frozenset(said["packages"]),
        running=_units_that_are(said["running"]),
        enabled=_units_that_are(said["enabled"]),
        engine=_engine(said["engine"]),
        members=tuple(map(_member, said["members"])),
        files=said["files"],
        mounts={path: mount["device"] for path, mount in said["mounts"].items()},
        firewall=frozenset(said["firewall"]) if said["firewall"] else None,
    )


def _lead(clock: str, before: datetime, after: datetime) -> float:
    """Return the seconds by which a clock lies outside the time in which it was read."""
    time = datetime.fromisoformat(clock)
    return max((time - after).total_seconds(), 0.0) - max((before - time).total_seconds(), 0.0)


def _units_that_are(units: Mapping[str, bool]) -> frozenset[str]:
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
