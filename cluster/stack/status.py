"""The state of the cluster in short: one row for each node, as values."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from cluster.digest import short_id
from cluster.inventory import Inventory, Node
from cluster.local.users import list_users
from cluster.stack.facts import DaskWorker, Facts
from cluster.stack.stages.share import share_faults


@dataclass(frozen=True)
class NodeStatus:
    """One node; memory in bytes, `image` as the first digits of its id, `share` in words.

    `worker` is one name for all worker `processes` of the node that are connected; `threads`,
    `memory`, `memory_limit` and `resources` are theirs together, as are the `cpus` that they use.
    """

    address: str
    hostname: str | None
    state: str
    labels: Mapping[str, str]
    docker: str | None
    worker: str | None
    processes: int
    cpus: int | None
    threads: int | None
    memory: int | None
    memory_limit: int | None
    resources: Mapping[str, float]
    versions: Mapping[str, str | None]
    image: str | None
    share: str


@dataclass(frozen=True)
class Status:
    """The cluster: its nodes, where scheduler and dashboard are, whose it is, and who else is in.

    `made_by` and `made_at` are None while nobody has made it; `users` has for each who was invited
    from this machine until when that counts, or that it was revoked.
    """

    name: str
    scheduler: str
    connected: bool
    dashboard: str
    share: str
    nodes: tuple[NodeStatus, ...]
    made_by: str | None = None
    made_at: str | None = None
    users: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return asdict(self)


def status_of(inventory: Inventory, facts: Facts) -> Status:
    """Summarise facts, without judging them."""
    claim = facts.swarm.claim
    return Status(
        name=inventory.name,
        scheduler=inventory.scheduler_address,
        connected=facts.dask is not None,
        dashboard=f"{inventory.dashboard_address}/status",
        share=inventory.share.data,
        nodes=tuple(_node(inventory, facts, node) for node in inventory.nodes),
        made_by=claim.by if claim else None,
        made_at=claim.at if claim else None,
        users={
            user.name: "revoked" if user.revoked else f"until {user.expires:%Y-%m-%d}"
            for user in reversed(list_users(inventory.state_folder))
        },
    )


def _node(inventory: Inventory, facts: Facts, node: Node) -> NodeStatus:
    found = facts.nodes.get(node.address)
    member = facts.member(node)
    workers = _workers(facts, found.hostname) if found else []
    worker = workers[0] if workers else None
    if found is None:
        state = facts.unreachable.get(node.address, "not reachable")
    elif member is None:
        state = "not in the swarm"
    else:
        state = "ready" if member.ready and member.active else "drained" if member.ready else "down"
    return NodeStatus(
        address=node.address,
        hostname=found.hostname if found else None,
        state=state,
        labels=dict(member.labels) if member else {},
        docker=found.version if found else None,
        worker=f"{worker.hostname}-{worker.task}" if worker else None,
        processes=len(workers),
        cpus=worker.cpus if worker else None,
        threads=sum(each.threads for each in workers) if worker else None,
        memory=sum(each.memory for each in workers) if worker else None,
        memory_limit=sum(each.memory_limit for each in workers) if worker else None,
        resources=_together(workers),
        versions=dict(worker.versions) if worker else {},
        image=short_id(found.image) if found and found.image else None,
        share=_share(inventory, facts, node),
    )


def _workers(facts: Facts, hostname: str) -> list[DaskWorker]:
    """Return the connected workers of a node, those of one task of the swarm."""
    workers = facts.dask.workers if facts.dask else ()
    found = [worker for worker in workers if worker.hostname == hostname]
    return [worker for worker in found if worker.task == found[0].task]


def _together(workers: Iterable[DaskWorker]) -> dict[str, float]:
    """Return the sums of the workers' resources by name."""
    sums: dict[str, float] = {}
    for name, amount in (pair for worker in workers for pair in worker.resources.items()):
        sums[name] = sums.get(name, 0) + amount
    return sums


def _share(inventory: Inventory, facts: Facts, node: Node) -> str:
    view = facts.share.get(node.address)
    if view is None:
        return "not looked at: no image"
    if any(fault.address == node.address for fault in share_faults(inventory, facts)):
        return "not mounted"
    return "no sentinel file" if None in view.markers.values() else "mounted"
