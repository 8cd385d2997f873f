"""The status of a cluster as a table for the terminal."""

from rich.table import Table

from cluster.sizes import GIBIBYTE
from cluster.stack.status import NodeStatus, Status

COLUMNS = ("node", "state", "labels", "worker", "memory", "versions", "image", "share")


def status_table(status: Status) -> Table:
    """Lay a status out as one table."""
    scheduler = status.scheduler if status.connected else f"{status.scheduler} does not answer"
    lines = [f"dashboard {status.dashboard}, share {status.share}"]
    if status.made_by:
        lines.append(f"made by {status.made_by} on {status.made_at}")
    if status.users:
        invited = ", ".join(f"{name} {state}" for name, state in status.users.items())
        lines.append(f"invited: {invited}")
    table = Table(title=f"{status.name}: {scheduler}", caption="\n".join(lines))
    for column in COLUMNS:
        table.add_column(column, overflow="fold")
    for node in status.nodes:
        table.add_row(*_row(node))
    return table


def _worker(node: NodeStatus) -> list[str]:
    """Say what works on a node: its name, its size, and Dask's resources if it has any."""
    processes = [_many(node.processes, "process", "es")] if node.processes > 1 else []
    cpus = [_many(node.cpus, "CPU")] if node.cpus else []
    size = ", ".join([*cpus, _many(node.threads or 0, "thread")])
    resources = [f"{name} {amount:g}" for name, amount in sorted(node.resources.items())]
    return [str(node.worker), *processes, size, *resources]


def _many(count: int, what: str, plural: str = "s") -> str:
    return f"{count} {what}{'' if count == 1 else plural}"


def _row(node: NodeStatus) -> list[str]:
    labels = ", ".join(f"{key}={value}" for key, value in node.labels.items())
    versions = [f"{name} {node.versions.get(name)}" for name in ("python", "dask")]
    limit = node.memory_limit or 0
    memory = f"{(node.memory or 0) / GIBIBYTE:.1f} of {limit / GIBIBYTE:.1f} GiB"
    return [
        f"{node.hostname or '?'}\n{node.address}",
        node.state,
        labels,
        "\n".join(_worker(node)) if node.worker else "none",
        memory if node.worker else "",
        "\n".join(versions) if node.worker else "",
        node.image or "none",
        node.share,
    ]
