"""The sufficient statistics of a column: the little from which every statistic follows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pipeline.statistics.aggregates import Aggregates
from pipeline.statistics.deviation import NO_VALUE, deviation
from pipeline.statistics.moments import CentralMoments
from pipeline.statistics.percentiles import middle, ranks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.statistics.summary import Summary


@dataclass(frozen=True, eq=False)
class SufficientStatistics:
    """What a `Result` is computed from. It is small even where a column's values are many.

    Attributes:
        rows: The summary of all rows. Its counters and its seam are read, its values are not: they
            may have stayed on the workers.
        aggregates: Count, power sums, extremes and mode of all values.
        order: The order statistics by rank: those of `ranks(count, percentiles)`.
        percentiles: The percentages asked for, from 0 to 100.
        deviation: The median absolute deviation, as `deviation.deviation` returns it.

    """

    rows: Summary
    aggregates: Aggregates
    order: Mapping[int, float]
    percentiles: Sequence[float]
    deviation: tuple[int, int] = NO_VALUE

    @classmethod
    def of(cls, summary: Summary, percentiles: Sequence[float]) -> SufficientStatistics:
        """Return those of a `summary` that holds all values; `percentiles` from 0 to 100."""
        wanted = ranks(summary.count, percentiles)
        order = dict(zip(wanted, summary.values.select(wanted), strict=True))
        far = deviation(summary.values.select, summary.count, middle(order, summary.count))
        return cls(summary, Aggregates.of(summary.values), order, percentiles, far)

    @property
    def count(self) -> int:
        """The number of valid values."""
        return self.aggregates.count

    @cached_property
    def central(self) -> CentralMoments:
        """The central moments of the values, computed when first asked for."""
        return CentralMoments.of(self.count, self.aggregates.powers)


def numbers_alone(columns: Sequence[SufficientStatistics]) -> list[int]:
    """Return the indices of the `columns` that hold numbers, and no other text."""
    return [i for i, column in enumerate(columns) if column.count and not column.rows.texts]
