"""Whether a file system still answers, asked by a process that may get stuck in its stead.

A hard NFS mount blocks a reader for as long as its server is gone, and cannot be asked to give up:
so another process reads a byte, and is ended when it takes too long.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


async def responds(path: Path, limit: float) -> tuple[str, bool]:
    """Return this node's name, and whether reading `path` ends, well or not, in `limit` seconds."""
    quiet = asyncio.subprocess.DEVNULL
    reading = await asyncio.create_subprocess_exec(
        "head", "--bytes=1", str(path), stdout=quiet, stderr=quiet
    )
    try:
        await asyncio.wait_for(reading.wait(), limit)
    except TimeoutError:
        reading.kill()
        return socket.gethostname(), False
    return socket.gethostname(), True


@dataclass
class Unresponsive:
    """Since when each node's file system has not answered, by a clock in seconds."""

    since: dict[str, float] = field(default_factory=dict)

    def hear(self, answers: Iterable[tuple[str, bool]], asked: float) -> None:
        """Take in what `responds` returned on each node, to a question asked at that time."""
        for node, answered in answers:
            if answered:
                self.since.pop(node, None)
            else:
                self.since.setdefault(node, asked)

    def longer_than(self, seconds: float, now: float) -> str | None:
        """Return the node that has been silent the longest, if it has been for so long."""
        node = min(self.since, key=self.since.__getitem__, default=None)
        return node if node is not None and now - self.since[node] >= seconds else None
