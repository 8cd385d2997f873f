"""A look at a column before the run: a few short pieces of it, to choose how its values are merged.

Whatever the look tells, the result is the same; only time and memory depend on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.formats.partition import Partition
from pipeline.partitions.cutting import weight
from pipeline.statistics.multiset import Multiset

if TYPE_CHECKING:
    from pipeline.formats.table import Table
    from pipeline.numeric.arrays import Floats
    from pipeline.partitions.segment import Segment

SOME = 1 << 15
"""Distinct values of a range, where there are no more than FEW but a range for each core pays."""

FEW = 1 << 21
"""Distinct values up to which partitions may be as large as is usual."""

RANGE = 1 << 20
"""Distinct values of a range, where there are more than FEW."""

FULL = 1 << 18
"""Values of a partition, where there are more than FEW distinct ones."""

MANY = 1 << 22
"""Distinct values in one place at which a run that was planned for FEW gives up."""

_RANGES_OF_MANY = 32
_FEWEST_RANGES = 2
_MOST_RANGES = 256
_SMALL = 64 << 20
_SHARE = 1 << 8
_LOOK = 8 << 20
_PIECES = 32
_BATCHES = 16
_GOLDEN = 0x9E3779B9
"""The golden ratio's fraction, in units of 2**-32."""


@dataclass(frozen=True)
class MergePlan:
    """How a column's values are merged: all in one when there are no `edges`, else range by range.

    With a `blocksize`, partitions have no more bytes than that, and any number of values will do.
    """

    edges: tuple[float, ...] = ()
    blocksize: int | None = None


def survey(table: Table, cores: int) -> MergePlan:
    """Look at a few pieces of a large table, and plan for so many cores."""
    size = weight(table)
    if size < _SMALL:
        return MergePlan()
    pieces = _pieces(table, max(_SHARE, size // _LOOK))
    values = np.concatenate([_values(table, piece) for piece in pieces])
    looked_at = sum(table.nbytes(piece) for piece in pieces)
    distinct = estimate(values, size / looked_at)
    for_cores = min(max(cores, _FEWEST_RANGES), round(distinct / SOME))
    ranges = max(for_cores, round(distinct / RANGE))
    edges = quantiles(values, min(ranges, _MOST_RANGES))
    if distinct <= FEW:
        return MergePlan(edges)
    return MergePlan(edges, max(1, FULL * looked_at // values.size))


def _pieces(table: Table, share: int) -> list[Partition]:
    """Spread pieces over a table, one `share`-th of it in all.

    They stand unevenly, lest all meet the same phase of a period.
    """
    length = table.end - table.begin
    pieces = min(_PIECES, max(1, length // share))
    stratum = length // pieces
    width = max(1, length // share // pieces)
    shifts = [(i * _GOLDEN & 0xFFFFFFFF) * (stratum - width) >> 32 for i in range(1, pieces + 1)]
    starts = [table.begin + i * stratum + shift for i, shift in enumerate(shifts)]
    return [Partition(start, min(start + width, table.end)) for start in starts]


def _values(table: Table, piece: Partition) -> Floats:
    """Return the first values of a piece; it may begin inside quotes, for it is only a look."""
    batches = islice(table.read(piece).batches(), _BATCHES)
    return np.concatenate([np.empty(0), *(batch.copy() for batch in batches)])


def estimate(values: Floats, scale: float) -> float:
    """Estimate the distinct values of a column `scale` times as long as a sample of it.

    Chao, "Nonparametric estimation of the number of classes in a population", 1984; never more
    than the column has values.
    """
    counts = Multiset.of(values).counts
    once, twice = (int(np.count_nonzero(counts == n)) for n in (1, 2))
    return min(counts.size + once * (once - 1) / (2 * (twice + 1)), values.size * scale)


def quantiles(values: Floats, ranges: int) -> tuple[float, ...]:
    """Return the edges that cut the distinct values into ranges of like size."""
    distinct = np.unique(values)
    return tuple(distinct[distinct.size * i // ranges] for i in range(1, ranges))


class TooManyDistinctError(Exception):
    """A run met more distinct values in one place than it was planned for.

    `edges` cut them into ranges; `density` is the number of values for each of the table's
    positions.
    """

    def __init__(self, edges: tuple[float, ...], density: float) -> None:
        """Take what the next attempt needs to know."""
        super().__init__(edges, density)
        self.edges = edges
        self.density = density


def refuse_many(stretch: Segment[Any], plan: MergePlan) -> None:
    """Raise TooManyDistinctError when a stretch, or a slice of it, has too many for the plan."""
    summary = stretch.summary
    if plan.blocksize is None and summary.values.distinct > MANY:
        more = quantiles(summary.values.values, _RANGES_OF_MANY)
        density = summary.count / (stretch.stop - stretch.start)
        raise TooManyDistinctError(tuple(sorted({*plan.edges, *more})), density)


def again(table: Table, met: TooManyDistinctError) -> MergePlan:
    """Return the plan of the next attempt."""
    values = met.density * (table.end - table.begin)
    return MergePlan(met.edges, max(1, round(FULL * weight(table) / values)))
