"""The Aggregates of a multiset: all that its statistics follow from, but for its order statistics.

Digests of value ranges that have no value in common merge, in any order.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from pipeline.numeric.exact import power_sums

if TYPE_CHECKING:
    from pipeline.statistics.multiset import Multiset


@dataclass(frozen=True, order=True)
class Mode:
    """The most frequent value; of several, the one that comes first. The greater is the better.

    `before` is minus the position at which the value appears first.
    """

    count: int = 0
    before: int = 0
    value: float = 0.0

    @classmethod
    def of(cls, values: Multiset) -> Mode:
        """Return the mode of a multiset; the least of all modes, if it is empty."""
        if not values.distinct:
            return cls()
        most = np.flatnonzero(values.counts == values.counts.max())
        mode = most[np.argmin(values.firsts[most])]
        return cls(int(values.counts[mode]), -int(values.firsts[mode]), float(values.values[mode]))


@dataclass(frozen=True)
class Aggregates:
    """Count, exact power sums (see `pipeline.numeric.exact`), extremes and mode of a multiset.

    An empty one has its extremes the wrong way round, at infinity.
    """

    count: int
    powers: tuple[int, ...]
    min: float
    max: float
    mode: Mode

    @classmethod
    def of(cls, values: Multiset) -> Aggregates:
        """Return the digest of a multiset."""
        return cls(
            values.size,
            tuple(power_sums(values.values, values.counts)),
            float(values.values[0]) if values.distinct else inf,
            float(values.values[-1]) if values.distinct else -inf,
            Mode.of(values),
        )

    def merge(self, other: Aggregates) -> Aggregates:
        """Return the digest of the union with another range."""
        return Aggregates(
            self.count + other.count,
            tuple(a + b for a, b in zip(self.powers, other.powers, strict=True)),
            min(self.min, other.min),
            max(self.max, other.max),
            max(self.mode, other.mode),
        )
