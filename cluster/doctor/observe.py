"""What the doctor looks at: every node from inside, and the stack's containers among each other."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from cluster.each_node import on_each
from cluster.errors import ClusterError
from cluster.inventory import Inventory, Node
from cluster.requirements import GOSSIP_PORT, SWARM_PORT
from cluster.side_by_side import side_by_side
from cluster.stack.containers import look, talk
from cluster.stack.facts import Facts, NodeFacts
from cluster.stack.names import image_reference

STACK_NAMES = ("scheduler", "tasks.worker")


@dataclass(frozen=True)
class Look:
    """What the probe saw on one node.

    `before` and `after` are this machine's clock around the look, in seconds; `problem` says why
    the probe could not look, and `seen` is empty then.
    """

    seen: Mapping[str, Any]
    before: float
    after: float
    problem: str | None = None


@dataclass(frozen=True)
class Observations:
    """What the doctor observed: `looks` by address, `talks` by host name (a string: why not)."""

    looks: Mapping[str, Look]
    talks: Mapping[str, Mapping[str, Any] | str]

    def successful_looks(self) -> list[tuple[str, Look]]:
        """Return the addresses where the probe could run, each with what it saw there."""
        return [(address, look) for address, look in self.looks.items() if look.problem is None]


def observe(inventory: Inventory, facts: Facts) -> Observations:
    """Look at the nodes that have the image, and talk between those that run the stack."""
    able = [node for node in inventory.nodes if node.address in facts.share]
    looks = on_each(able, lambda node: _look(inventory, facts, node))
    return Observations(looks, _talks(facts))


def required_ports(inventory: Inventory, address: str) -> list[tuple[str, int]]:
    """Return the TCP ports that must be open from one node to the others.

    UDP ports do not answer; whether names resolve and packets come back tells about those.
    """
    manager = inventory.manager.address
    own = (SWARM_PORT, inventory.scheduler.port, inventory.dashboard.port)
    gossip = [(node.address, GOSSIP_PORT) for node in inventory.nodes if node.address != address]
    return [*((manager, port) for port in own), *gossip]


def _look(inventory: Inventory, facts: Facts, node: Node) -> Look:
    image = image_reference(inventory, facts.source)
    ports = required_ports(inventory, node.address)
    before, problem, seen = time.time(), None, {}
    try:
        seen = look(inventory, node.endpoint, image, ports=ports, files=True)
    except ClusterError as error:
        problem = str(error)
    return Look(seen, before, time.time(), problem)


def _talks(facts: Facts) -> dict[str, dict[str, Any] | str]:
    """Let one container of each node talk to those of the others, all at the same time."""
    talkers = [node for node in facts.nodes.values() if node.containers]
    answers = side_by_side(partial(_talk, node, talkers) for node in talkers)
    pairs = zip(talkers, answers, strict=True)
    return {node.hostname: answer.result() for node, answer in pairs}


def _talk(node: NodeFacts, talkers: list[NodeFacts]) -> dict[str, Any] | str:
    peers = [other.containers[0].address for other in talkers if other is not node]
    try:
        return talk(node.endpoint, node.containers[0], peers, STACK_NAMES)
    except ClusterError as error:
        return str(error)
