"""What a run told of itself while it went on, kept for its page."""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING

from pipeline.engine.observer import Observer

if TYPE_CHECKING:
    from collections.abc import Callable

    from distributed import Client

    from pipeline.engine.observer import PartitionRead


class RunLog(Observer):
    """Keeps what it hears, and passes it on to another observer.

    Attributes:
        reads: The partitions that were read, as they were told of.

    """

    def __init__(self, other: Observer, meanwhile: Callable[[], None] | None = None) -> None:
        """Begin now; pass on to `other`. When partitions begin to be read, call `meanwhile`."""
        self._other = other
        self._meanwhile = meanwhile
        self._began = self._ended = time()
        self.reads: list[PartitionRead] = []

    def notice(self, text: str) -> None:
        """Pass on `text`."""
        self._other.notice(text)

    def start(self, client: Client, partitions: int, size: int) -> None:
        """Forget the partitions of an attempt before; pass `client` and numbers on.

        `partitions` are to be read, `size` bytes in all.
        """
        self.reads = []
        if self._meanwhile:
            self._meanwhile()
        self._other.start(client, partitions, size)

    def done(self, leaf: PartitionRead) -> None:
        """Keep `leaf`, a partition that was read, and pass it on."""
        self.reads.append(leaf)
        self._other.done(leaf)

    def watch(self, workers: int, waits: str) -> None:
        """Pass on how many `workers` there are and what the run `waits` for."""
        self._other.watch(workers, waits)

    def end(self) -> None:
        """Take note that the results are there."""
        self._ended = time()

    @property
    def seconds(self) -> float:
        """How long the run took."""
        return self._ended - self._began

    @property
    def reading(self) -> float:
        """How long it took from the beginning of the first partition to the end of the last.

        Raises ValueError where none was told of.
        """
        return max(read.ended for read in self.reads) - min(read.began for read in self.reads)

    @property
    def busy(self) -> float:
        """The share of the partitions' time in which processors worked, from 0 to 1."""
        taken = sum(read.ended - read.began for read in self.reads)
        return min(1.0, sum(read.used for read in self.reads) / taken) if taken else 1.0

    @property
    def size(self) -> int:
        """The bytes of all partitions."""
        return sum(read.size for read in self.reads)

    @property
    def workers(self) -> list[str]:
        """The workers that read, by name."""
        return sorted({read.worker for read in self.reads})

    def lanes(self) -> list[tuple[tuple[int, int], PartitionRead]]:
        """Return each partition with the lane in which it is drawn: worker and lane, from 1.

        A worker has as many lanes as it read partitions at a time.
        """
        ends: dict[str, list[float]] = {}
        drawn = []
        for read in sorted(self.reads, key=lambda read: (read.began, read.start)):
            busy = ends.setdefault(read.worker, [])
            free = next((i for i, end in enumerate(busy) if end <= read.began), len(busy))
            busy[free : free + 1] = [read.ended]
            number = self.workers.index(read.worker) + 1
            drawn.append(((number, free + 1), read))
        return drawn
