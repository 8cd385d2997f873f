"""What a run tells while it goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from distributed import Client


@dataclass(frozen=True)
class PartitionRead:
    """A partition that was read: where it starts, its size in bytes, and how many values it has."""

    start: int
    size: int
    count: int


class Observer:
    """Hears of a run and does nothing; inherit from it, and override what you want to hear."""

    def notice(self, text: str) -> None:
        """Take a sentence that the user should read."""

    def start(self, client: Client, partitions: int, size: int) -> None:
        """Take note that `partitions` partitions of `size` bytes in all begin, perhaps anew."""

    def done(self, leaf: PartitionRead) -> None:
        """Take note that a partition was read."""
