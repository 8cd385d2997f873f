"""What a worker tells of its node with every sign of life."""

import os
import socket
from pathlib import Path
from typing import Any

METRIC = "node"
"""The metric's name."""

VMSTAT = Path("/proc/vmstat")
"""The counts of the node's kernel, in a container too."""

STATM = Path("/proc/self/statm")
"""The pages of this process's memory."""

OOM_SCORE = Path("/proc/self/oom_score_adj")
FIRST = "500"
"""Of -1000 to 1000: whom the kernel ends first when a node has no memory left."""


def state(processes: int, worker: Any) -> dict[str, str | int | None]:
    """Return the node's name, what its workers are, and how many processes its kernel has killed.

    That is a metric of a `worker`, one of so many `processes`, whose host name in the stack is the
    node's. The kernel's count is of those killed for want of memory, None where it keeps none.
    """
    del worker
    return {
        "name": socket.gethostname(),
        "kills": kills(VMSTAT.read_text()),
        "processes": processes,
        "cpus": len(os.sched_getaffinity(0)),
    }


def memory() -> int:
    """Return the bytes of memory that the node has."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def own_memory(statm: str) -> int:
    """Return the bytes that only the end of this process frees, by the text of its `statm`.

    What it shows of files is not among them: the kernel takes that back where it must.
    """
    _, resident, shared, *_ = map(int, statm.split())
    return (resident - shared) * os.sysconf("SC_PAGE_SIZE")


def go_first() -> None:
    """Let the kernel end this process before the node's others when memory runs out."""
    OOM_SCORE.write_text(FIRST)


def kills(vmstat: str) -> int | None:
    """Return the count of `oom_kill` in the text of /proc/vmstat; None where it is not there."""
    counts = dict(line.split() for line in vmstat.splitlines())
    return int(counts["oom_kill"]) if "oom_kill" in counts else None
