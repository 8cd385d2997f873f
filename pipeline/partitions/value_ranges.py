"""Value ranges: segments cut by value, so that no machine needs all values of a column.

The ranges follow one another on the number line. Those of neighbouring segments merge range by
range; what is left of the segments, without values, merges as usual.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, TypeVar

from pipeline.partitions.state import Divisible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.partitions.segment import Segment, Segments

D = TypeVar("D", bound=Divisible)


def divide(segments: Segments[D], divisions: Sequence[float]) -> list[Segments[Any]]:
    """Divide segments into lanes that merge apart: the rows without values, then each range.

    Without divisions there is one lane, the segments as they are.
    """
    if not divisions:
        return [segments]
    return list(zip(*(split_by_value(segment, divisions) for segment in segments), strict=True))


def lane_count(divisions: Sequence[float]) -> int:
    """Return how many lanes `divide` makes."""
    return len(divisions) + 2 if divisions else 1


def split_by_value(segment: Segment[D], divisions: Sequence[float]) -> tuple[Segment[Any], ...]:
    """Return a segment without its values, followed by its ranges: one more than divisions."""
    rest, ranges = segment.summary.cut(divisions)
    rows: Segment[Any] = segment
    bare = replace(rows, partials=())
    return (replace(rows, summary=rest), *(replace(bare, summary=part) for part in ranges))


def locate(counts: Sequence[int], ranks: Sequence[int]) -> list[list[int]]:
    """Return the ranks that lie in each range, counted from its first value.

    `counts` are the numbers of values in the ranges, in order; `ranks` count from the first value
    of all, from 0.
    """
    bounds = accumulate(counts, initial=0)
    return [[rank - low for rank in ranks if low <= rank < high] for low, high in pairwise(bounds)]
