"""Returning hosts to where they were, except for data and packages: the way back of each step."""

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cluster.docker.command import docker
from cluster.errors import ClusterError
from cluster.hosts import layout
from cluster.hosts.facts import HostFacts, Hosts
from cluster.hosts.firewall import rules
from cluster.hosts.membership import Drain, Forget, Leave
from cluster.hosts.remote import Call, call, step
from cluster.inventory import Inventory, Node
from cluster.plan import Plan, Stage, Step, stage
from cluster.stack.names import REPOSITORY
from cluster.stack.teardown import RemoveVolumes


@dataclass(frozen=True)
class RemoveImages:
    """Remove the images of a name from a node."""

    endpoint: str
    reference: str

    def apply(self) -> None:
        """Remove them."""
        listing = ("image", "ls", "--quiet", "--filter", f"reference={self.reference}")
        if images := sorted(set(docker(self.endpoint, *listing).split())):
            docker(self.endpoint, "image", "rm", "--force", *images)


def plan_restore(inventory: Inventory, hosts: Hosts) -> Plan:
    """Take down all hosts: the workers first, then the manager and the server of the share.

    Raises ClusterError for each host that cannot be asked, which would be left half way.
    """
    _refuse(
        hosts, inventory.nodes, "or take a worker out first: python -m cluster remove-node ADDRESS"
    )
    workers = [node for node in inventory.nodes if not _is_last(inventory, node)]
    last = [node for node in inventory.nodes if _is_last(inventory, node)]
    return _plan(
        _stage("workers", inventory, hosts, workers), _stage("manager", inventory, hosts, last)
    )


def plan_removal(inventory: Inventory, hosts: Hosts, node: Node) -> Plan:
    """Take one worker out: drained, so that its worker hands its results over, then restored.

    A host that cannot be reached any more is only forgotten. Raises ClusterError when the manager
    cannot be asked.
    """
    _refuse(hosts, [inventory.manager], "then run remove-node again")
    facts, manager = hosts.reached.get(node.address), inventory.manager
    engine = facts.engine if facts else None
    listed = hosts.reached[manager.address].members
    memberships = [member for member in listed if member.is_on(node, engine)]
    present = [one for one in memberships if engine and one.swarm_id == engine.swarm_id]
    return _plan(
        stage("drain", (
            Step(node.address, "drain the node", "its worker hands over what it holds",
                 Drain(manager, node, one.swarm_id, inventory.name))
            for one in present
        )),
        _stage("remove", inventory, hosts, [node]),
        stage("forget", (
            Step(manager.address, f"forget the node {one.hostname}", "it left the swarm",
                 Forget(manager, one.swarm_id))
            for one in memberships if one not in present
        )),
    )  # fmt: skip


def _refuse(hosts: Hosts, needed: Iterable[Node], remedy: str) -> None:
    """Refuse to work without hosts that have to be there."""
    missing = [node.address for node in needed if node.address in hosts.unreached]
    if missing:
        lines = (f"{host}: {hosts.unreached[host]}; {remedy}" for host in missing)
        raise ClusterError("\n".join(lines))


def _repository(inventory: Inventory) -> str:
    """The image of this cluster, whatever its tag."""
    image = inventory.image
    name = image.reference or (f"{image.registry}/dask-swarm" if image.registry else REPOSITORY)
    return name if image.reference else f"{name}:*"


def _plan(*stages: Stage) -> Plan:
    return Plan(tuple(each for each in stages if each.steps))


def _stage(name: str, inventory: Inventory, hosts: Hosts, nodes: list[Node]) -> Stage:
    return stage(
        name,
        (
            step
            for node in nodes
            if (facts := hosts.reached.get(node.address))
            for step in _restore(inventory, node, facts)
        ),
    )


def _is_last(inventory: Inventory, node: Node) -> bool:
    return node == inventory.manager or layout.serves(inventory, node)


def _restore(inventory: Inventory, node: Node, facts: HostFacts) -> Iterator[Step]:
    """Undo what `up` did on one host, in the opposite order; only what is marked as its doing."""
    if layout.JOINED in facts.files and facts.engine:
        if facts.engine.state != "inactive":
            leave = Leave(node, force=facts.engine.manages)
            yield Step(node.address, "leave the swarm", "up put it there", leave)
        why = "of no more use there"
        empty = RemoveVolumes(node.endpoint, inventory.name)
        yield Step(node.address, "remove the stack's volumes", why, empty)
        clear = RemoveImages(node.endpoint, _repository(inventory))
        yield Step(node.address, "remove the image", why, clear)
        yield step(node, "forget that it joined", "it left", *_unmark(layout.JOINED))
    mounted = layout.folders(inventory, node)
    if files := [path for folder in mounted for path in folder.files if path in facts.files]:
        units = [unit for folder in mounted for unit in folder.units]
        yield step(
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
        reload = call("systemd.service", service="nfs-server.service", reloaded=True)
        yield step(node, "export the share no longer", "up exported it", gone, reload)
    if added := [rule for rule in rules(inventory, node) if rule in (facts.firewall or ())]:
        close = [rule.replace("ufw allow", "ufw delete allow", 1) for rule in added]
        delete = call("server.shell", commands=close)
        yield step(node, "close the firewall to the other nodes", "up opened it", delete)
    if layout.GROUPED in facts.files:
        dismiss = call("server.shell", commands=[f"gpasswd --delete {facts.account} docker"])
        what = f"take {facts.account} out of the group docker"
        yield step(node, what, "up admitted it", dismiss, *_unmark(layout.GROUPED))


def _unmark(path: str) -> tuple[Call, ...]:
    return (call("files.file", path=path, present=False), _remove_if_empty(layout.MARKS))


def _remove_if_empty(*folders: str) -> Call:
    remove = "test ! -d {0} || rmdir --ignore-fail-on-non-empty {0}"
    commands = [remove.format(shlex.quote(folder)) for folder in folders]
    return call("server.shell", commands=commands)
