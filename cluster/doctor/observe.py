"""The doctor's eyes: looks at every node, and lets the stack's containers talk to each other."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from cluster.doctor.checks import Check, Look, Observations, checks, required_ports
from cluster.errors import ClusterError
from cluster.inventory import Inventory, Node
from cluster.stack.containers import look, talk
from cluster.stack.facts import Container, Facts
from cluster.stack.gather import gather, on_each
from cluster.stack.names import image_reference

NAMES = ("scheduler", "tasks.worker")


def examine(inventory: Inventory) -> list[Check]:
    """Run every check; nothing is changed."""
    facts = gather(inventory)
    return checks(inventory, facts, observe(inventory, facts))


def observe(inventory: Inventory, facts: Facts) -> Observations:
    """Look at the nodes that have the image, and talk between those that run the stack."""
    able = [node for node in inventory.nodes if node.address in facts.share]
    looks = on_each(able, lambda node: _look(inventory, facts, node))
    return Observations(looks, _talks(facts))


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
    places = {
        node.hostname: (node.endpoint, node.containers[0])
        for node in facts.nodes.values()
        if node.containers
    }
    with ThreadPoolExecutor(len(places) or 1) as pool:
        works = {
            host: pool.submit(
                _talk, *place, [c.address for h, (_, c) in places.items() if h != host]
            )
            for host, place in places.items()
        }
    return {host: work.result() for host, work in works.items()}


def _talk(endpoint: str, container: Container, peers: list[str]) -> dict[str, Any] | str:
    try:
        return talk(endpoint, container, peers, NAMES)
    except ClusterError as error:
        return str(error)
