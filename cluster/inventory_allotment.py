"""What a node gives to its worker processes, as the inventory says it: `[worker]`, or its own."""

from collections.abc import Mapping
from typing import Any

from cluster.inventory_model import Model
from cluster.inventory_values import Count, Memory, Quantity, ResourceName


class Allotment(Model):
    """What the workers of a node may use; what is left out is decided by what the node has.

    `cpus` and `memory` are of all its worker processes together, `threads` of each one.
    `resources` are Dask's, for tasks that ask for them.
    """

    cpus: Count | None = None
    memory: Memory | None = None
    processes: Count | None = None
    threads: Count | None = None
    resources: Mapping[ResourceName, Quantity] | None = None

    @property
    def given(self) -> dict[str, Any]:
        """What is said here, by key."""
        return {
            key: value
            for key in Allotment.model_fields
            if (value := getattr(self, key)) is not None
        }
