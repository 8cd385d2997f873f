"""A column of rows that come batch by batch: what is known of it, and of each stretch of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pipeline.formats.table import Counters
from pipeline.partitions.fold import Folding
from pipeline.statistics.moving_range import MovingRange
from pipeline.statistics.profile import Profile, Stretch
from pipeline.statistics.summary import Summary, summarise

if TYPE_CHECKING:
    from pipeline.numeric.arrays import Floats

VALUES = 1 << 17
"""Values of short stretches that are counted at once, at most."""


class ColumnReading:
    """Summarises a column of a partition's rows, while their batches are taken in order."""

    def __init__(self, window: int) -> None:
        """Begin without rows, for windows of `window` values."""
        self._window = window
        self._counters = Counters()
        self._pieces = Folding(Summary.merge)

    def add(self, values: Floats, stretch: int) -> None:  # noqa: ARG002 - for ProfiledReading
        """Take the next valid values, which are of one `stretch`, by its number."""
        self._summarise(values)

    def count(self, counters: Counters, stretch: int) -> None:  # noqa: ARG002 - likewise
        """Take what was counted beside the values of a `stretch`, or of a part of it."""
        self._counters.add(counters)

    def total(self) -> Summary:
        """Return the summary of all rows."""
        found = self._pieces.total() if self._pieces else Summary.empty(self._window)
        return replace(found, **vars(self._counters))

    def _summarise(self, values: Floats) -> None:
        if values.size:
            self._pieces.add(summarise(values, self._window))


class ProfiledReading(ColumnReading):
    """Finds the profile of the column, too; short stretches are counted together.

    Values are kept behind those that windows across the boundary of two stretches begin with.
    """

    def __init__(self, window: int, *, most_values: int = VALUES) -> None:
        """Begin as a `ColumnReading` does; `most_values` changes no result."""
        super().__init__(window)
        self._most = most_values
        self._kept = np.empty(most_values)
        self._begin = self._end = 0
        self._profile = Profile()

    def add(self, values: Floats, stretch: int) -> None:
        """Take the next valid values, which are of one `stretch`, by its number."""
        for start in range(0, values.size, self._most):
            piece = values[start : start + self._most]
            self._keep(piece)
            across = self._kept[max(0, self._end - piece.size - self._window + 1) : self._end]
            windows = MovingRange.of(across, self._window)
            self._enter(Stretch.of(stretch, piece, windows))

    def count(self, counters: Counters, stretch: int) -> None:
        """Take what was counted beside the values of a `stretch`, or of a part of it."""
        super().count(counters, stretch)
        others = counters.invalid + counters.out_of_range
        self._enter(Stretch(stretch, missing=counters.missing, others=others))

    def total(self) -> Summary:
        """Return the summary of all rows, with the profile."""
        self._summarise_kept()
        return replace(super().total(), profile=self._profile)

    def _enter(self, stretch: Stretch) -> None:
        self._profile = self._profile.merge(Profile((stretch,)))

    def _keep(self, values: Floats) -> None:
        """Keep values; those that were kept are counted first where there is no room."""
        if self._end + values.size > self._kept.size:
            self._summarise_kept()
            before = self._kept[max(0, self._end - self._window + 1) : self._end]
            # There may be far fewer than a window: so there is room for those, not for a window.
            self._kept = np.empty(before.size + self._most)
            self._kept[: before.size] = before
            self._begin = self._end = before.size
        self._kept[self._end : self._end + values.size] = values
        self._end += values.size

    def _summarise_kept(self) -> None:
        self._summarise(self._kept[self._begin : self._end])
        self._begin = self._end
