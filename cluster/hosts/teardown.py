"""Undoing on the hosts what `up` did there; data and packages stay."""

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cluster.docker.command import docker
from cluster.docker.stack_objects import RemoveVolumes
from cluster.errors import ClusterError
from cluster.hosts import layout
from cluster.hosts.facts import HostFacts, Hosts
from cluster.hosts.firewall import firewall_rules
from cluster.hosts.membership import Drain, Forget, Leave
from cluster.hosts.remote import Call, call, change_step
from cluster.inventory import Inventory, Node
from cluster.plan import Plan, Stage, Step


@dataclass(frozen=True)
class RemoveImages:
    """Remove the images whose reference matches a pattern from a node."""

    endpoint: str
    reference: str

    def apply(self) -> None:
        """Remove them."""
        listing = ("image", "ls", "--quiet", "--filter", f"reference={self.reference}")
        if images := sorted(set(docker(self.endpoint, *listing).split())):
            docker(self.endpoint, "image", "rm", "--force", *images)


def plan_hosts_teardown(inventory: Inventory, hosts: Hosts) -> Plan:
    """Plan to undo everything: the workers first, then the manager and the server of the share.

    Raises ClusterError, before anything is done, with a line for each host that cannot be asked.
    """
    _require(
        hosts, inventory.nodes, "or take a worker out first: python -m cluster remove-node ADDRESS"
    )
    workers = [node for node in inventory.nodes if not _is_last(inventory, node)]
    last = [node for node in inventory.nodes if _is_last(inventory, node)]
    return Plan.of(
        _undo_stage("workers", inventory, hosts, workers),
        _undo_stage("manager", inventory, hosts, last),
    )


def plan_removal(inventory: Inventory, hosts: Hosts, node: Node) -> Plan:
    """Plan to take one worker out: drain it, so that it hands over its results, then undo.

    A host that cannot be reached is only forgotten. Raises ClusterError when the manager
    cannot be asked.
    """
    _require(hosts, [inventory.manager], "then run remove-node again")
    facts, manager = hosts.reached.get(node.address), inventory.manager
    engine = facts.engine if facts else None
    listed = hosts.reached[manager.address].members
    memberships = [member for member in listed if member.is_on(node, engine)]
    present = [one for one in memberships if engine and one.swarm_id == engine.swarm_id]
    drains = (
        Step(
            node.address,
            "drain the node",
            "its worker hands over what it holds",
            Drain(manager, node, one.swarm_id, inventory.name),
        )
        for one in present
    )
    forgets = (
        Step(
            manager.address,
            f"forget the node {one.hostname}",
            "it left the swarm",
            Forget(manager, one.swarm_id),
        )
        for one in memberships
        if one not in present
    )
    return Plan.of(
        Stage.of("drain", drains),
        _undo_stage("remove", inventory, hosts, [node]),
        Stage.of("forget", forgets),
    )


def _require(hosts: Hosts, needed: Iterable[Node], remedy: str) -> None:
    """Raise ClusterError if one of these hosts could not be asked."""
    missing = [node.address for node in needed if node.address in hosts.unreached]
    if missing:
        lines = (f"{host}: {hosts.unreached[host]}; {remedy}" for host in missing)
        raise ClusterError("\n".join(lines))


def _undo_stage(name: str, inventory: Inventory, hosts: Hosts, nodes: list[Node]) -> Stage:
    return Stage.of(
        name,
        (
            step
            for node in nodes
            if (facts := hosts.reached.get(node.address))
            for step in _undo_steps(inventory, node, facts)
        ),
    )


def _is_last(inventory: Inventory, node: Node) -> bool:
    return node == inventory.manager or layout.serves(inventory, node)


def _undo_steps(inventory: Inventory, node: Node, facts: HostFacts) -> Iterator[Step]:
    """Undo what `up` did on one host, last things first, and nothing that was there before."""
    if layout.JOINED in facts.files and facts.engine:
        if facts.engine.state != "inactive":
            leave = Leave(node, force=facts.engine.manages)
            yield Step(node.address, "leave the swarm", "up put it there", leave)
        why = "nothing uses it there any more"
        empty = RemoveVolumes(node.endpoint, inventory.name)
        yield Step(node.address, "remove the stack's volumes", why, empty)
        clear = RemoveImages(node.endpoint, inventory.image.tagged("*"))
        yield Step(node.address, "remove the image", why, clear)
        yield change_step(node, "forget that it joined", "it left", *_unmark(layout.JOINED))
    mounted = layout.folders(inventory, node)
    if files := [path for folder in mounted for path in folder.files if path in facts.files]:
        units = [unit for folder in mounted for unit in folder.units]
        yield change_step(
            node,
            f"unmount {' and '.join(folder.path for folder in mounted)}",
            "up mounted them",
            *(call("systemd.service", service=unit, running=False, enabled=False)
              for unit in units),
            *(call("files.file", path=path, present=False) for path in files),
            call("systemd.daemon_reload"),
            _remove_if_empty(*(folder.path for folder in mounted)),
        )  # fmt: skip
    if layout.EXPORTS in facts.files:
        gone = call("files.file", path=layout.EXPORTS, present=False)
        reload = call("systemd.service", service=layout.NFS_SERVER_UNIT, reloaded=True)
        yield change_step(node, "stop exporting the share", "up exported it", gone, reload)
    if added := [
        rule for rule in firewall_rules(inventory, node) if rule in (facts.firewall or ())
    ]:
        close = [rule.replace("ufw allow", "ufw delete allow", 1) for rule in added]
        delete = call("server.shell", commands=close)
        yield change_step(node, "close the firewall to the other nodes", "up opened it", delete)
    if layout.GROUPED in facts.files:
        dismiss = call("server.shell", commands=[f"gpasswd --delete {facts.account} docker"])
        what = f"take {facts.account} out of the group docker"
        yield change_step(node, what, "up put it there", dismiss, *_unmark(layout.GROUPED))


def _unmark(path: str) -> tuple[Call, ...]:
    return (call("files.file", path=path, present=False), _remove_if_empty(layout.MARKS))


def _remove_if_empty(*folders: str) -> Call:
    remove = "test ! -d {0} || rmdir --ignore-fail-on-non-empty {0}"
    commands = [remove.format(shlex.quote(folder)) for folder in folders]
    return call("server.shell", commands=commands)
