"""A look at a column before the run: a few short pieces of it, to choose how its values are merged.

Whatever the look tells, the result is the same; only time and memory depend on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from pipeline.multiset import Multiset
from pipeline.partition import Partition

if TYPE_CHECKING:
    from pipeline.arrays import Floats
    from pipeline.stretch import Stretch
    from pipeline.summary import Summary
    from pipeline.table import Table

FEW = 1 << 21
"""Distinct values up to which one machine holds them all."""

RANGE = 1 << 20
"""Distinct values of a range, and values of a partition that is cut into ranges."""

MANY = 1 << 22
"""Distinct values at which a run without ranges gives up; at FEW it does in one partition."""

_RANGES_OF_MANY = 32
_SMALL = 64 << 20
_SHARE = 1 << 10
_PIECES = 32
_BATCHES = 16
_MOST_RANGES = 256


@dataclass(frozen=True)
class Plan:
    """How a column's values are merged: all in one when there are no `edges`, else range by range.

    `blocksize` is the most bytes of a partition that is cut into ranges.
    """

    edges: tuple[float, ...] = ()
    blocksize: int | None = None


def survey(table: Table) -> Plan:
    """Look at a large table: about a thousandth of its rows, spread over it."""
    size = table.weigh(Partition(table.begin, table.end))
    if size < _SMALL:
        return Plan()
    pieces = _pieces(table)
    values = np.concatenate([_values(table, piece) for piece in pieces])
    looked_at = sum(table.weigh(piece) for piece in pieces)
    distinct = estimate(values, size / looked_at)
    if distinct <= FEW:
        return Plan()
    ranges = min(_MOST_RANGES, round(distinct / RANGE))
    return Plan(quantiles(values, ranges), max(1, RANGE * looked_at // values.size))


def _pieces(table: Table) -> list[Partition]:
    length = table.end - table.begin
    pieces = min(_PIECES, max(1, length // _SHARE))
    width = max(1, length // _SHARE // pieces)
    starts = [table.begin + length * (2 * i + 1) // (2 * pieces) for i in range(pieces)]
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
    """A run without ranges met more distinct values than one machine should hold.

    `edges` cut them into ranges; `density` is the number of values for each of the table's
    positions.
    """

    def __init__(self, edges: tuple[float, ...], density: float) -> None:
        """Take what the next attempt needs to know."""
        super().__init__(edges, density)
        self.edges = edges
        self.density = density


def refuse_many(stretch: Stretch[Summary], most: int) -> None:
    """Raise TooManyDistinctError when a stretch has more than `most` distinct values."""
    values = stretch.summary.values
    if values.distinct > most:
        density = stretch.summary.count / (stretch.stop - stretch.start)
        raise TooManyDistinctError(quantiles(values.values, _RANGES_OF_MANY), density)


def again(table: Table, met: TooManyDistinctError) -> Plan:
    """Return the plan of the next attempt."""
    size = table.weigh(Partition(table.begin, table.end))
    values = met.density * (table.end - table.begin)
    return Plan(met.edges, max(1, round(RANGE * size / values)))
