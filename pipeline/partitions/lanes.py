"""Lanes: segments cut by value and by group, so that no machine needs all of a table's state.

Ranges of values follow one another on the number line; parts of groups have no key in common. The
parts of neighbouring segments merge part by part; what is left of the segments merges as usual.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate, islice, pairwise
from typing import TYPE_CHECKING, Any, TypeVar

from pipeline.formats.rejects import NONE
from pipeline.partitions.state import Divisible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.partitions.segment import Segment, Segments
    from pipeline.statistics.divisions import Divisions

D = TypeVar("D", bound=Divisible)
T = TypeVar("T")


def divide(segments: Segments[D], divisions: Divisions) -> list[Segments[Any]]:
    """Divide segments into lanes that merge apart: what is not cut, then each part.

    Without divisions there is one lane, the segments as they are.
    """
    if not divisions.parts:
        return [segments]
    return list(zip(*(cut_segment(segment, divisions) for segment in segments), strict=True))


def lane_count(divisions: Divisions) -> int:
    """Return how many lanes `divide` makes."""
    return 1 + divisions.parts


def cut_segment(segment: Segment[D], divisions: Divisions) -> tuple[Segment[Any], ...]:
    """Return what is left of a segment, followed by its parts."""
    rest, parts = segment.summary.cut(divisions)
    rows: Segment[Any] = segment
    bare = replace(rows, partials=(), rejects=NONE)
    return (replace(rows, summary=rest), *(replace(bare, summary=part) for part in parts))


def by_column(
    lanes: Sequence[T], divisions: Divisions, columns: int
) -> tuple[list[list[T]], list[T]]:
    """Sort the lanes of parts: the ranges of each of so many columns, and the parts of groups.

    A column that is not cut has none.
    """
    rest = iter(lanes)
    cuts = [divisions.of_column(column) for column in range(columns)]
    ranges = [list(islice(rest, len(cut) + 1)) if cut else [] for cut in cuts]
    return ranges, list(rest)


def locate(counts: Sequence[int], ranks: Sequence[int]) -> list[list[int]]:
    """Return the ranks that lie in each range, counted from its first value.

    `counts` are the numbers of values in the ranges, in order; `ranks` count from the first value
    of all, from 0.
    """
    bounds = accumulate(counts, initial=0)
    return [[rank - low for rank in ranks if low <= rank < high] for low, high in pairwise(bounds)]
