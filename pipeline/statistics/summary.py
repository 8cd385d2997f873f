"""The Summary: a monoid over consecutive rows, from which every statistic follows.

`Summary.empty(window)` is its identity, `summarise` makes one from values, `merge` joins two that
follow one another in the file. Merging is associative and, because windows cross the seam, not
commutative.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from pipeline.statistics.moving import Moving
from pipeline.statistics.multiset import Multiset
from pipeline.statistics.profile import merged
from pipeline.statistics.range_summary import RangeSummary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.numeric.arrays import Floats
    from pipeline.statistics.profile import Profile


@dataclass(frozen=True, eq=False)
class Summary:
    """What is known of consecutive rows: values, windows, and counts of what is not a value.

    Attributes:
        values: The valid values, in no order.
        moving: The windows of the moving variance.
        count: How many valid values there are. `values` may hold fewer: see `partitions`.
        missing: How many cells are missing.
        invalid: How many cells, or rows, are invalid and were skipped.
        out_of_range: How many numbers lie outside the range asked for, and do not count.
        filtered: How many rows do not meet the conditions, and do not count.
        texts: In how many places the column was given up, for a cell was no number.
        profile: What each stretch of the table holds, where that is asked for.

    """

    values: Multiset
    moving: Moving
    count: int
    missing: int = 0
    invalid: int = 0
    out_of_range: int = 0
    filtered: int = 0
    texts: int = 0
    profile: Profile | None = None

    @classmethod
    @cache
    def empty(cls, window: int) -> Summary:
        """Return the summary of no rows, for windows of `window` values."""
        return summarise(np.empty(0), window)

    @property
    def distinct(self) -> int:
        """How many different values there are."""
        return self.values.distinct

    @property
    def nbytes(self) -> int:
        """The memory of the arrays, in bytes."""
        profile = self.profile.nbytes if self.profile else 0
        return self.values.nbytes + self.moving.nbytes + profile

    def merge(self, other: Summary) -> Summary:
        """Return the summary of these rows followed by those of `other`."""
        return Summary(
            self.values.merge(other.values, self.count),
            self.moving.merge(other.moving),
            self.count + other.count,
            self.missing + other.missing,
            self.invalid + other.invalid,
            self.out_of_range + other.out_of_range,
            self.filtered + other.filtered,
            self.texts + other.texts,
            merged(self.profile, self._crossed(other)),
        )

    def _crossed(self, other: Summary) -> Profile | None:
        """Return the profile of `other`, with the windows that begin in these rows."""
        if other.profile is None:
            return None
        return other.profile.crossed(*self.moving.across(other.moving), self.moving.window)

    def divisions(self, ranges: int) -> tuple[float, ...]:
        """Return the values that cut it into `ranges` with equally many distinct values."""
        return self.values.divisions(ranges)

    def cut(
        self, divisions: Sequence[float], column: int = 0
    ) -> tuple[Summary, list[RangeSummary]]:
        """Return what is left without the values, and the values range by range.

        The first range holds the values below the first of the `divisions`, which rise, the next
        those from there to below the second, and so on. `column` is the index of this column in
        its table.
        """
        ranges = [RangeSummary(part, self.count, column) for part in self.values.cut(divisions)]
        return replace(self, values=Multiset.of(np.empty(0))), ranges


def summarise(values: Floats, window: int) -> Summary:
    """Return the summary of finite float64 `values`, shape (n,), in file order.

    `window` is how many values a window of the moving variance holds, 1 or more.
    """
    return Summary(Multiset.of(values), Moving.of(values, window), values.size)
