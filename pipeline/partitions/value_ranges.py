"""Value ranges: a stretch of rows cut by value, so that no machine needs all of its values.

The ranges follow one another on the number line. Those of neighbouring stretches merge range by
range, and the rest of the stretches, without values, as usual.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.partitions.segment import Segment, Segments
from pipeline.statistics.multiset import Multiset

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.statistics.aggregates import Aggregates
    from pipeline.statistics.summary import Summary


@dataclass(frozen=True, eq=False)
class RangeSummary:
    """The values of consecutive rows that lie in one range; `count` is how many lie in any."""

    values: Multiset
    count: int

    def merge(self, other: RangeSummary) -> RangeSummary:
        """Return the slice of these rows followed by those of `other`."""
        return RangeSummary(self.values.merge(other.values, self.count), self.count + other.count)


def lanes(stretches: Segments[Summary], edges: Sequence[float]) -> list[Segments[Any]]:
    """Divide stretches into what merges apart: their rows without values, then each range.

    Without edges there is but one lane, the stretches as they are.
    """
    if not edges:
        return [stretches]
    return list(zip(*(cut(stretch, edges) for stretch in stretches), strict=True))


def width(edges: Sequence[float]) -> int:
    """Return how many lanes there are."""
    return len(edges) + 2 if edges else 1


def cut(stretch: Segment[Summary], edges: Sequence[float]) -> tuple[Segment[Any], ...]:
    """Return a stretch without its values, followed by its slices: one more than edges."""
    summary = stretch.summary
    rest = replace(summary, values=Multiset.of(np.empty(0)))
    slices = (RangeSummary(part, summary.count) for part in summary.values.cut(edges))
    bare: Segment[Any] = replace(stretch, partials=())
    return (replace(stretch, summary=rest), *(replace(bare, summary=part) for part in slices))


def locate(digests: Sequence[Aggregates], ranks: Sequence[int]) -> list[list[int]]:
    """Return, for each range in turn, the ranks in it, counted from its first value."""
    edges = accumulate((digest.count for digest in digests), initial=0)
    return [[rank - low for rank in ranks if low <= rank < high] for low, high in pairwise(edges)]
