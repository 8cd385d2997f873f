"""What a run tells while it goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distributed import Client


@dataclass(frozen=True)
class PartitionRead:
    """A partition that was read.

    Attributes:
        start: Where it starts, in the table's positions.
        size: Its size in bytes.
        count: How many values it has.
        began: When reading it began, by the worker's clock, in seconds since 1970.
        ended: When it ended, likewise.
        used: How many seconds of processor time that took.
        worker: The name of the worker that read it.
        stop: Where it ends, in the table's positions.
        figures: Of each of the first columns: how many values, how many missing cells, and the
            values' sum, least and greatest, in float64.

    """

    start: int
    size: int
    count: int
    began: float = 0.0
    ended: float = 0.0
    used: float = 0.0
    worker: str = ""
    stop: int = 0
    figures: Sequence[tuple[int, int, float, float, float]] = ()


class Observer:
    """Hears of a run and does nothing; inherit from it, and override what you want to hear."""

    def notice(self, text: str) -> None:
        """Take a sentence that the user should read."""

    def start(self, client: Client, partitions: int, size: int) -> None:
        """Take note that `partitions` partitions of `size` bytes in all begin, perhaps anew."""

    def done(self, leaf: PartitionRead) -> None:
        """Take note that a partition was read."""

    def watch(self, workers: int, waits: str) -> None:
        """Take note, every few seconds, of how many workers there are and what is waited for.

        That is nothing, the empty text, while partitions are read or merged.
        """
