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
"""Values that are counted at once, at most, where they come in smaller batches."""


class ColumnReading:
    """Summarises a column of a partition's rows, while their batches are taken in order."""

    def __init__(self, window: int, *, profiled: bool, most_values: int = VALUES) -> None:
        """Begin without rows, for windows of `window` values; with a profile where `profiled`.

        `most_values` changes no result.
        """
        self._window = window
        self._along = Along(window) if profiled else None
        self._kept = np.empty(most_values)
        self._used = 0
        self._counters = Counters()
        self._pieces = Folding(Summary.merge)

    def add(self, values: Floats, stretch: int) -> None:
        """Take the next valid values, which are of one `stretch`, by its number."""
        if not values.size:
            return
        if self._along:
            self._along.add(values, stretch)
        if self._used + values.size > self._kept.size:
            self._summarise_kept()
        if not self._used and 2 * values.size > self._kept.size:
            self._pieces.add(summarise(values, self._window))
            return
        self._kept[self._used : self._used + values.size] = values
        self._used += values.size

    def count(self, counters: Counters, stretch: int) -> None:
        """Take what was counted beside the values of a `stretch`, or of a part of it."""
        self._counters.add(counters)
        if self._along:
            self._along.count(counters, stretch)

    def total(self) -> Summary:
        """Return the summary of all rows."""
        self._summarise_kept()
        found = self._pieces.total() if self._pieces else Summary.empty(self._window)
        profile = self._along.profile if self._along else None
        return replace(found, **vars(self._counters), profile=profile)

    def _summarise_kept(self) -> None:
        if self._used:
            self._pieces.add(summarise(self._kept[: self._used], self._window))
        self._used = 0


class Along:
    """The profile of a column, while its values are taken in order.

    Attributes:
        profile: That of the values so far.

    """

    def __init__(self, window: int) -> None:
        """Begin without values, for windows of `window` of them."""
        self._window = window
        self._before = np.empty(0)
        self.profile = Profile()

    def add(self, values: Floats, stretch: int) -> None:
        """Take the next valid values, which are of one `stretch`, by its number."""
        reach = self._window - 1
        across = np.concatenate((self._before, values[:reach]))
        found = Profile((Stretch.of(stretch, values, MovingRange.of(values, self._window)),))
        crossed = found.crossed(across, self._before.size, self._window)
        self.profile = self.profile.merge(crossed)
        last = np.concatenate((self._before, values[max(0, values.size - reach) :]))
        self._before = last[max(0, last.size - reach) :]

    def count(self, counters: Counters, stretch: int) -> None:
        """Take what was counted beside the values of a `stretch`, or of a part of it."""
        others = counters.invalid + counters.out_of_range
        counted = Stretch(stretch, missing=counters.missing, others=others)
        self.profile = self.profile.merge(Profile((counted,)))
