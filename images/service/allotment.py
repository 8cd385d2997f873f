"""What a node gives to its worker processes: from the settings of the stack and what it has."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

PART = 0.75
"""The part of its memory that a node gives where nobody says how much; the rest is the system's."""

DASKS_PART = 0.85
"""The part of a process's memory that Dask is told of; the rest is what it does not measure."""


@dataclass(frozen=True)
class Allotment:
    """What the worker processes of one node may use.

    memory: bytes, of all of them together.
    processes: how many there are.
    threads: tasks that each of them computes at once.
    resources: Dask's, of all of them together, by name.
    """

    memory: int
    processes: int
    threads: int
    resources: Mapping[str, float]

    @property
    def of_one(self) -> int:
        """The bytes of memory that one process may use; above them it has to end."""
        return self.memory // self.processes

    @property
    def limit(self) -> int:
        """The bytes that Dask is told of as the limit of one process."""
        return int(self.memory * DASKS_PART / self.processes)

    def resources_of(self, place: int) -> dict[str, float]:
        """Return the resources of the process at a `place`, counted from 0.

        Whole numbers are dealt out one by one, so that no task is offered what another process
        has; what is not whole is the first process's.
        """
        shares = {name: self._share(amount, place) for name, amount in self.resources.items()}
        return {name: share for name, share in shares.items() if share}

    def _share(self, amount: float, place: int) -> float:
        if amount != int(amount):
            return 0 if place else amount
        each, left = divmod(int(amount), self.processes)
        return each + (place < left)


def settings_of(node: str, text: str) -> Mapping[str, Any]:
    """Return what is set for the `node` with this id in the swarm.

    `text` is JSON: under `nodes` the settings of single nodes by their ids, under `default` those
    of all others. Empty, it sets nothing.
    """
    table = json.loads(text or "{}")
    settings: Mapping[str, Any] = table.get("nodes", {}).get(node, table.get("default", {}))
    return settings


def processes_of(settings: Mapping[str, Any]) -> int:
    """Return how many processes the `settings` of a node ask for."""
    return int(settings.get("processes", 1))


def allot(settings: Mapping[str, Any], cpus: int, memory: int, most: int) -> Allotment:
    """Return what is given by the `settings` of a node on which a worker may use so many `cpus`.

    The node has `memory` bytes, and its container may use `most`. Nothing is given that is not
    there: a node may be smaller than what is set for all.
    """
    processes = processes_of(settings)
    return Allotment(
        memory=min(settings.get("memory", int(memory * PART)), memory, most),
        processes=processes,
        threads=settings.get("threads", -(-cpus // processes)),
        resources=settings.get("resources", {}),
    )


def choose_cpus(settings: Mapping[str, Any], available: Collection[int], task: str) -> set[int]:
    """Return the numbers of the CPUs to use, of those `available`: as many as `settings` allow.

    Workers of several clusters on a machine begin at different ones, each as its `task` has it.
    """
    numbers = sorted(available)
    wanted = min(settings.get("cpus", len(numbers)), len(numbers))
    first = crc32(task.encode()) % len(numbers)
    return {numbers[(first + i) % len(numbers)] for i in range(wanted)}
