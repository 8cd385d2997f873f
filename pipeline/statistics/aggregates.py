"""The Aggregates of a multiset: what its statistics follow from, apart from order statistics.

Aggregates of value ranges that have no value in common merge, in any order.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from pipeline.statistics.moments import PowerSums

if TYPE_CHECKING:
    from pipeline.statistics.multiset import Multiset


@dataclass(frozen=True, order=True)
class Mode:
    """The most frequent value; of several, the one that comes first. The greater mode wins.

    Attributes:
        count: How often the value occurs; 0 where there is no value.
        before: Minus the position at which the value appears first, counted in valid values from 0.
        value: The value.

    """

    count: int = 0
    before: int = 0
    value: float = 0.0

    @classmethod
    def of(cls, values: Multiset) -> Mode:
        """Return the mode of the multiset `values`; the least of all modes, if that is empty."""
        if not values.distinct:
            return cls()
        most = np.flatnonzero(values.counts == values.counts.max())
        mode = most[np.argmin(values.firsts[most])]
        return cls(int(values.counts[mode]), -int(values.firsts[mode]), float(values.values[mode]))


@dataclass(frozen=True)
class Aggregates:
    """Sums, extremes and mode of a multiset of values.

    Attributes:
        count: How many values there are, repetitions counted.
        powers: The exact sums of their powers.
        min: The least value; infinity where there is none.
        max: The greatest value; minus infinity where there is none.
        mode: The most frequent value.
        ties: How many values occur as often as that; 0 where there is no value.
        distinct: How many different values there are.
        zeros: How many values are 0.
        negatives: How many values lie below 0.

    """

    count: int
    powers: PowerSums
    min: float
    max: float
    mode: Mode
    ties: int = 0
    distinct: int = 0
    zeros: int = 0
    negatives: int = 0

    @classmethod
    def of(cls, values: Multiset) -> Aggregates:
        """Return the aggregates of the multiset `values`."""
        below, upto = (int(np.searchsorted(values.values, 0.0, side)) for side in ("left", "right"))
        return cls(
            values.size,
            PowerSums.of(values.values, values.counts),
            float(values.values[0]) if values.distinct else inf,
            float(values.values[-1]) if values.distinct else -inf,
            Mode.of(values),
            int(np.count_nonzero(values.counts == values.counts.max(initial=0))),
            values.distinct,
            int(values.counts[below:upto].sum()),
            int(values.counts[:below].sum()),
        )

    def merge(self, other: Aggregates) -> Aggregates:
        """Return the aggregates of the union with `other`, which has no value of these."""
        most = max(self.mode.count, other.mode.count)
        return Aggregates(
            self.count + other.count,
            self.powers.merge(other.powers),
            min(self.min, other.min),
            max(self.max, other.max),
            max(self.mode, other.mode),
            sum(part.ties for part in (self, other) if part.mode.count == most),
            self.distinct + other.distinct,
            self.zeros + other.zeros,
            self.negatives + other.negatives,
        )
