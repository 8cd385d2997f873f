"""From bare machines to a Dask cluster on Docker Swarm, described by one file.

`python -m cluster` is its command line, `SwarmCluster` the cluster for programs and notebooks.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cluster.swarm_cluster import SwarmCluster

__all__ = ["SwarmCluster"]


def __getattr__(name: str) -> Any:
    """Import `SwarmCluster`, and Dask with it, when it is asked for."""
    if name != "SwarmCluster":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from cluster.swarm_cluster import SwarmCluster  # noqa: PLC0415

    return SwarmCluster
