"""What each node gives to its workers: a node's own settings before those of `[worker]`.

What nobody sets, the worker itself finds on its node, so that a node needs no more than a label. It
is also reckoned here, to refuse what cannot be and to set the limit that all nodes have in common.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cluster.inventory import Inventory, Node
from cluster.inventory_values import LEAST_MEMORY
from cluster.sizes import MEBIBYTE, in_bytes, in_mebibytes
from cluster.stack.facts import Facts

PART = 0.75
"""The part of its memory that a node gives where nobody says how much; the worker's own rule."""


def settings(inventory: Inventory, node: Node) -> dict[str, Any]:
    """Return what the inventory says of a node's workers: its own words before `[worker]`'s."""
    return inventory.worker.given | node.given


def memory_of(inventory: Inventory, facts: Facts, node: Node) -> int:
    """Return the bytes that a node gives: what the inventory says, or three quarters of its memory.

    On the manager the memory that the scheduler may use is taken off first.
    """
    if memory := settings(inventory, node).get("memory"):
        return in_bytes(memory)
    scheduler = in_bytes(inventory.scheduler.memory) if node is inventory.manager else 0
    free = facts.nodes[node.address].memory - scheduler
    return int(free * PART) // MEBIBYTE * MEBIBYTE


def largest_memory(inventory: Inventory, facts: Facts) -> int:
    """Return the bytes that the node gives which gives most: the limit of every container."""
    return max(memory_of(inventory, facts, node) for node in inventory.nodes if node.works)


def table(inventory: Inventory, facts: Facts) -> str:
    """Return as JSON what every worker looks its node up in: the default, and who differs.

    A node that is as the default is not in it, so that another one changes nothing for the rest.
    """
    default = _in_numbers(inventory.worker.given)
    nodes: dict[str, Mapping[str, Any]] = {}
    for node in inventory.nodes:
        given = _in_numbers(settings(inventory, node))
        if node is inventory.manager:  # the worker there does not know of the scheduler
            given["memory"] = max(memory_of(inventory, facts, node), LEAST_MEMORY)
        if given != default:
            nodes[str(facts.nodes[node.address].swarm_id)] = given
    return json.dumps({"default": default, "nodes": nodes}, sort_keys=True, separators=(",", ":"))


def refusals(inventory: Inventory, facts: Facts) -> Iterator[str]:
    """Say of each node that is to give what it does not have, by the key that asks for it."""
    for path, node in inventory.nodes_by_path():
        found = facts.nodes.get(node.address)
        if found is None or not node.works:
            continue
        given = settings(inventory, node)
        keys = {key: f"{path if key in node.given else 'worker'}.{key}" for key in given}
        cpus, memory, processes = (given.get(key) for key in ("cpus", "memory", "processes"))
        if cpus and cpus > found.cpus:
            has = f"{node.address} has {found.cpus}; write {found.cpus} or less"
            yield f"{keys['cpus']}: {cpus} is more than the node has: {has}"
        if memory and in_bytes(memory) > found.memory:
            has = f"{node.address} has {in_mebibytes(found.memory)}; write less"
            yield f"{keys['memory']}: {memory} is more than the node has: {has}"
        gives = memory_of(inventory, facts, node)
        if gives < LEAST_MEMORY * (processes or 1):
            key = keys.get("processes") or keys.get("memory") or f"{path}.memory"
            each = in_mebibytes(max(gives, 0) / (processes or 1))
            yield (
                f"{key}: {node.address} gives {each} to each worker process, which needs "
                f"{in_mebibytes(LEAST_MEMORY)}; write more memory, or fewer processes"
            )


def _in_numbers(given: dict[str, Any]) -> dict[str, Any]:
    """Return settings as a worker reads them: memory in bytes."""
    return given | {"memory": in_bytes(given["memory"])} if "memory" in given else given
