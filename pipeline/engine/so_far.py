"""What runs have done so far, kept by their scheduler for the page `partitions` of its dashboard.

It hears what tasks tell of each partition, keeps the newest run of each client in a bounded space,
and forgets it when the client is gone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from distributed import SchedulerPlugin

from pipeline.engine.observer import PartitionRead

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distributed import Scheduler

    from pipeline.numeric.arrays import Floats

PARTITION = "dask-swarm-partition"
"""What a message about a partition begins with; others come under the same topic."""

MOST_COLUMNS = 12
"""Columns that are told of."""

NAME = "dask-swarm-so-far"

CELLS = 400
"""Equal cells that a table is drawn in, however many partitions it has."""


@dataclass(frozen=True)
class About:
    """What a run is about; a part of all that is told of it.

    Attributes:
        file: The names of its files.
        columns: The first of its columns, by name.
        partitions: How many partitions there are.
        size: Their size in bytes.
        start: Where the first begins, in the table's positions.
        stop: Where the last ends, likewise.

    """

    file: str
    columns: Sequence[str]
    partitions: int
    size: int
    start: int
    stop: int


@dataclass
class Column:
    """What is known of a column so far, in float64: the results are exact, this is a look at them.

    Attributes:
        count: How many values it has.
        missing: How many cells are missing.
        total: Their sum.
        least: The least value, infinity before the first.
        greatest: The greatest, likewise.

    """

    count: int = 0
    missing: int = 0
    total: float = 0.0
    least: float = float("inf")
    greatest: float = float("-inf")

    @property
    def mean(self) -> float | None:
        """The mean of the values; None where there is none."""
        return self.total / self.count if self.count else None


@dataclass
class Run:
    """A run so far.

    Attributes:
        name: What it is called in what is told.
        about: What it is about.
        starts: Where the partitions begin that were read.
        size: Their size in bytes.
        columns: What is known of each column.
        began: When the first reading began, by the worker's clock, in seconds since 1970.
        ended: When the last one ended, likewise.
        read: The share of each cell that was read, float64 of shape (CELLS,).
        counts: How many values of the first column lie in each cell, about; of the same shape.
        totals: Their sum, likewise.

    """

    name: str
    about: About
    starts: set[int] = field(default_factory=set)
    size: int = 0
    columns: list[Column] = field(default_factory=list)
    began: float = float("inf")
    ended: float = 0.0
    read: Floats = field(default_factory=lambda: np.zeros(CELLS))
    counts: Floats = field(default_factory=lambda: np.zeros(CELLS))
    totals: Floats = field(default_factory=lambda: np.zeros(CELLS))

    def hear(self, read: PartitionRead) -> None:
        """Take note of a partition; not a second time, where a task was done again."""
        if read.start in self.starts:
            return
        self.starts.add(read.start)
        self.size += read.size
        self.began, self.ended = min(self.began, read.began), max(self.ended, read.ended)
        self.columns = self.columns or [Column() for _ in read.figures]
        for column, (count, missing, total, least, greatest) in zip(
            self.columns, read.figures, strict=True
        ):
            column.count += count
            column.missing += missing
            column.total += total
            column.least, column.greatest = min(column.least, least), max(column.greatest, greatest)
        self._spread(read)

    def _spread(self, read: PartitionRead) -> None:
        """Add a partition to the cells in which it lies, as if it were the same all along."""
        first, last = self.about.start, self.about.stop
        if read.stop <= read.start or last <= first:
            return
        edges = np.linspace(first, last, CELLS + 1)
        inside = np.minimum(edges[1:], read.stop) - np.maximum(edges[:-1], read.start)
        inside = np.maximum(inside, 0.0)
        self.read += inside / (last - first) * CELLS
        count, _, total, *_ = read.figures[0] if read.figures else (0, 0, 0.0)
        self.counts += inside / (read.stop - read.start) * count
        self.totals += inside / (read.stop - read.start) * total

    @property
    def means(self) -> Floats:
        """The mean of the first column in each cell, NaN where there is none: shape (CELLS,)."""
        known = self.counts > 0
        return np.where(known, self.totals / np.where(known, self.counts, 1.0), np.nan)


class SoFar(SchedulerPlugin):
    """Keeps the newest run of each client that is connected.

    Attributes:
        runs: The runs by the clients' names, the newest last.

    """

    name = NAME  # Dask knows it by that

    def __init__(self, scheduler: Scheduler) -> None:
        """Begin with no run of a `scheduler`."""
        self._scheduler = scheduler
        self.runs: dict[str, Run] = {}

    def log_event(self, topic: str, msg: Any) -> None:
        """Hear of a partition that a task told the client `topic` of; `msg` may be anything.

        What is told after the client is gone is of no run that anybody waits for.
        """
        if not isinstance(msg, list | tuple) or not msg or msg[0] != PARTITION:
            return
        if topic not in self._scheduler.clients:
            return
        _, name, about, read = msg
        run = self.runs.get(topic)
        if run is None or run.name != name:
            self.runs.pop(topic, None)
            run = self.runs[topic] = Run(name, About(*about))
        run.hear(PartitionRead(*read))

    def remove_client(self, scheduler: Scheduler, client: str) -> None:  # noqa: ARG002
        """Forget the run of a `client` of the `scheduler` that is gone."""
        self.runs.pop(client, None)
