"""What a worker tells of its node with every sign of life."""

import socket
from pathlib import Path
from typing import Any

METRIC = "node"
"""The metric's name."""

VMSTAT = Path("/proc/vmstat")
"""The counts of the node's kernel, in a container too."""


def state(worker: Any) -> dict[str, str | int | None]:
    """Return the node's name, and how many processes its kernel has killed for want of memory.

    That is a metric of a `worker`, whose host name in the stack is the node's. The count is None
    where the kernel keeps none.
    """
    del worker
    return {"name": socket.gethostname(), "kills": kills(VMSTAT.read_text())}


def kills(vmstat: str) -> int | None:
    """Return the count of `oom_kill` in the text of /proc/vmstat; None where it is not there."""
    counts = dict(line.split() for line in vmstat.splitlines())
    return int(counts["oom_kill"]) if "oom_kill" in counts else None
