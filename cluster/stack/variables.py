"""The variables of the stack file: what each is, from the inventory and the facts."""

from collections.abc import Mapping

from cluster.digest import short_digest
from cluster.inventory import Inventory
from cluster.stack.allotments import largest_memory, table
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
        "WORKER_ALLOTMENTS": table(inventory, facts),
        "WORKER_MEMORY": str(largest_memory(inventory, facts)),
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
