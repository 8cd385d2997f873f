"""The median absolute deviation: the median of the distances from the median, exact.

The values nearest to the median are neighbours in rising order. So the k+1 least distances belong
to one stretch of k+1 order statistics: of all such stretches, the one whose farther end is nearest.
The ends' distances fall and rise with the stretch's first rank, which a search of ranks finds. It
needs nothing but order statistics, which ranges of values on many workers have as well as one
multiset.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from pipeline.numeric.exact import integer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NO_VALUE = (0, 0)
"""The deviation where there is no value."""

_PROBES = 1000
"""Ranks that are looked at together: three times are enough for a thousand million values."""


def deviation(
    select: Callable[[Sequence[int]], Sequence[float]], count: int, middle: tuple[float, float]
) -> tuple[int, int]:
    """Return the median absolute deviation as numerator and denominator, in units of 2**-1074.

    Args:
        select: Returns the order statistics of different ranks, which rise from 0 on.
        count: How many values there are.
        middle: The order statistics of the ranks (count - 1) // 2 and count // 2, whose mean is the
            median.

    Returns:
        NO_VALUE where there is none.

    """
    if not count:
        return NO_VALUE
    length, twice = (count - 1) // 2, integer(middle[0]) + integer(middle[1])
    start = _first_far(select, count - length, length, twice)
    ranks = [start - 2, start - 1, start, start + length - 1, start + length, start + length + 1]
    known = sorted({rank for rank in ranks if 0 <= rank < count})
    pairs = zip(known, select(known), strict=True)
    far = {rank: abs(2 * integer(value) - twice) for rank, value in pairs}
    starts = [first for first in (start - 1, start) if 0 <= first < count - length]
    least, first = min((max(far[i], far[i + length]), i) for i in starts)
    if count % 2:
        return least, 2
    outside = [far[rank] for rank in (first - 1, first + length + 1) if 0 <= rank < count]
    return least + max(least, min(outside)), 4


def _first_far(
    select: Callable[[Sequence[int]], Sequence[float]], stretches: int, length: int, twice: int
) -> int:
    """Return the first rank whose stretch ends no nearer to the median than it begins.

    There are so many `stretches`; that is the answer if there is no such rank. A stretch begins at
    a rank and ends `length` ranks later; `twice` is two times the median.
    """
    low, high = 0, stretches
    while low < high:
        step = -(-(high - low) // _PROBES)
        probes = range(low, high, step)
        wanted = sorted({*probes, *(rank + length for rank in probes)})
        order = dict(zip(wanted, select(wanted), strict=True))
        found = bisect_left(
            probes,
            True,  # noqa: FBT003 - what the key returns
            key=lambda i: integer(order[i]) + integer(order[i + length]) >= twice,
        )
        high = probes[found] if found < len(probes) else high
        low = probes[found - 1] + 1 if found else low
    return low
