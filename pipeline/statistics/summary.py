"""The Summary: a monoid over consecutive rows, from which every statistic follows.

`Summary.empty(window)` is its identity, `summarise` makes one from values, `merge` joins two that
follow one another in the file. Merging is associative and, because windows cross the seam, not
commutative.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pipeline.statistics.moving import Moving
from pipeline.statistics.multiset import Multiset
from pipeline.statistics.range_summary import RangeSummary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.numeric.arrays import Floats


@dataclass(frozen=True, eq=False)
class Summary:
    """What a stretch of consecutive rows holds: its values, their windows, and what is no value."""

    values: Multiset
    moving: Moving
    count: int
    missing: int = 0
    invalid: int = 0

    @classmethod
    def empty(cls, window: int) -> Summary:
        """Return the summary of no rows."""
        return summarise(np.empty(0), window)

    @property
    def distinct(self) -> int:
        """How many different values there are."""
        return self.values.distinct

    @property
    def nbytes(self) -> int:
        """The memory of the arrays, in bytes."""
        return self.values.nbytes + self.moving.nbytes

    def merge(self, other: Summary) -> Summary:
        """Return the summary of these rows followed by those of `other`."""
        return Summary(
            self.values.merge(other.values, self.count),
            self.moving.merge(other.moving),
            self.count + other.count,
            self.missing + other.missing,
            self.invalid + other.invalid,
        )

    def divisions(self, ranges: int) -> tuple[float, ...]:
        """Return the values that cut it into `ranges` with equally many distinct values."""
        return self.values.divisions(ranges)

    def cut(self, divisions: Sequence[float]) -> tuple[Summary, list[RangeSummary]]:
        """Return what is left without the values, and the values range by range.

        The first range holds the values below the first division, the next those from there to
        below the second, and so on.
        """
        ranges = [RangeSummary(part, self.count) for part in self.values.cut(divisions)]
        return replace(self, values=Multiset.of(np.empty(0))), ranges


def summarise(values: Floats, window: int) -> Summary:
    """Return the summary of finite float64 `values`, shape (n,), in file order."""
    return Summary(Multiset.of(values), Moving.of(values, window), values.size)
