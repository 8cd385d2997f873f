"""The groups of rows that come batch by batch: cells are kept of so many rows at a time only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.partitions.fold import Folding
from pipeline.statistics.grouped import Grouped

if TYPE_CHECKING:
    from pipeline.formats.table import Batch, Rows
    from pipeline.numeric.arrays import Floats, Integers

ROWS = 1 << 20
"""Rows whose cells are kept, at least: a batch more where they end within one."""


class GroupedRows:
    """Summarises the groups of a partition's rows, while their batches are taken."""

    def __init__(self, rows: Rows, width: int, window: int, *, most_rows: int = ROWS) -> None:
        """Take the rows, how many number columns they have, and the window.

        `most_rows` changes no result.
        """
        self._rows = rows
        self._width = width
        self._window = window
        self._most_rows = most_rows
        self._kept = 0
        self._codes: list[Integers] = []
        self._columns: list[list[Floats]] = [[] for _ in range(width)]
        self._pieces = Folding(Grouped.merge)

    def add(self, batch: Batch) -> None:
        """Take the last batch of the rows, which has codes."""
        if batch.codes is None:
            raise ValueError("rows without groups cannot be grouped")
        self._codes.append(batch.codes)
        for cells, more in zip(self._columns, batch.columns, strict=True):
            cells.append(more)
        self._kept += batch.codes.size
        if self._kept >= self._most_rows:
            self._summarise()

    def total(self) -> Grouped:
        """Return the groups of all rows."""
        if self._kept or not self._pieces:
            self._summarise()
        return self._pieces.total()

    def _summarise(self) -> None:
        codes = np.concatenate([np.empty(0, np.int64), *self._codes])
        columns = [np.concatenate([np.empty(0), *cells]) for cells in self._columns]
        self._pieces.add(Grouped.of(self._rows.keys(), codes, columns, self._window))
        self._kept, self._codes, self._columns = 0, [], [[] for _ in range(self._width)]
