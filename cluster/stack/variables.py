"""The variables of the stack file: what each is, from the inventory and the facts."""

from collections.abc import Mapping

from cluster.digest import short_digest
from cluster.inventory import WORKER_LABEL, Inventory
from cluster.sizes import MEBIBYTE, in_bytes
from cluster.stack.facts import Facts
from cluster.stack.names import image_reference, secret_names


def variables(inventory: Inventory, facts: Facts) -> Mapping[str, str]:
    """Return the variables of the stack file, all of them, by name."""
    share = inventory.share
    names = secret_names(inventory, facts.credentials)
    manager = facts.nodes[inventory.manager.address]
    return {
        "IMAGE": image_reference(inventory, facts.source),
        **_share_variables(inventory),
        "DATA_PATH": share.data,
        "RESULTS_PATH": share.results,
        "SECRET_CA": names["ca"],
        "SECRET_CERT": names["cert"],
        "SECRET_KEY": names["key"],
        "SECRET_REVOKED": names["revoked"],
        "SECRET_DASHBOARD": names["dashboard"],
        "NETWORK": f"{inventory.name}_cluster_{inventory.network.mtu}",
        "NETWORK_MTU": str(inventory.network.mtu),
        "SCHEDULER_PLACEMENT": f"node.id == {manager.swarm_id}",
        "SCHEDULER_PORT": str(inventory.scheduler.port),
        "DASHBOARD_PORT": str(inventory.dashboard.port),
        "SCHEDULER_MEMORY": inventory.scheduler.memory,
        "WORKERS_AT_ONCE": "0",
        "WORKER_CPUS": f"{worker_cpus(inventory, facts):g}",
        "WORKER_MEMORY": f"{worker_memory(inventory, facts) // MEBIBYTE}M",
    }


def _share_variables(inventory: Inventory) -> dict[str, str]:
    """Return the volumes' options, and names that change with them: Docker never changes them."""
    share = inventory.share
    by_docker = share.provide == "volume"
    data, results = share.folders.values() if by_docker else share.folders
    options = f"addr={inventory.share_server},{share.options}" if by_docker else "bind"
    values = {
        "SHARE_TYPE": "nfs" if by_docker else "none",
        "SHARE_OPTIONS": options,
        "DATA_DEVICE": f":{data}" if by_docker else data,
        "RESULTS_DEVICE": f":{results}" if by_docker else results,
    }
    digest = short_digest(["\0".join(values.values()).encode()])
    volumes = {
        f"{kind.upper()}_VOLUME": f"{inventory.name}-{kind}-{digest}"
        for kind in ("data", "results")
    }
    return {**values, **volumes}


def worker_cpus(inventory: Inventory, facts: Facts) -> float:
    """Return the CPUs of one worker: the inventory's, or all of the smallest worker node."""
    return inventory.worker.cpus or min(facts.nodes[n].cpus for n in working(inventory, facts))


def worker_memory(inventory: Inventory, facts: Facts) -> int:
    """Return the bytes of one worker: the inventory's, or 3/4 of what the smallest node has left.

    On the manager the memory that the scheduler may use is taken off first.
    """
    if inventory.worker.memory:
        return in_bytes(inventory.worker.memory)
    scheduler = in_bytes(inventory.scheduler.memory)
    manager = inventory.manager.address
    free = (
        facts.nodes[address].memory - (scheduler if address == manager else 0)
        for address in working(inventory, facts)
    )
    return min(free) * 3 // 4


def working(inventory: Inventory, facts: Facts) -> list[str]:
    """Return the addresses of the nodes of the inventory whose label asks for a worker."""
    key, value = WORKER_LABEL
    return [
        node.address
        for node in inventory.nodes
        if node.works or ((member := facts.member(node)) and member.labels.get(key) == value)
    ]
