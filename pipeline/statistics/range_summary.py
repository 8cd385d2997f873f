"""The part of a Summary whose values lie in one range: a monoid like the Summary itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.statistics.aggregates import Aggregates
from pipeline.statistics.divisions import Divisions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.statistics.multiset import Multiset


@dataclass(frozen=True, eq=False)
class RangeSummary:
    """The values of consecutive rows that lie in one range.

    `count` is how many values the rows hold in all ranges: positions count those. `column` is the
    index of the column in its table.
    """

    values: Multiset
    count: int
    column: int = 0

    @property
    def distinct(self) -> int:
        """How many different values lie in the range."""
        return self.values.distinct

    @property
    def nbytes(self) -> int:
        """The memory of the arrays, in bytes."""
        return self.values.nbytes

    def merge(self, other: RangeSummary) -> RangeSummary:
        """Return the range of these rows followed by those of `other`."""
        values = self.values.merge(other.values, self.count)
        return RangeSummary(values, self.count + other.count, self.column)

    def divisions(self, ranges: int) -> Divisions:
        """Return what cuts the range into `ranges` with equally many distinct values."""
        return Divisions((*((),) * self.column, self.values.divisions(ranges)))

    def aggregates(self) -> Aggregates:
        """Return the aggregates of the values in the range."""
        return Aggregates.of(self.values)

    def select(self, ranks: Sequence[int]) -> list[float]:
        """Return the order statistics of these ranks, counted from the range's first value."""
        return self.values.select(ranks)
