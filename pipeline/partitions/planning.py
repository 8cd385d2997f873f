"""A look at a column before the run: a few short pieces of it, to choose how its values are merged.

Whatever the look tells, the result is the same; only time and memory depend on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from pipeline.formats.partition import Partition
from pipeline.partitions.cutting import total_nbytes
from pipeline.statistics.multiset import Multiset

if TYPE_CHECKING:
    from pipeline.formats.table import Table
    from pipeline.numeric.arrays import Floats
    from pipeline.partitions.segment import S, Segment

DISTINCT_GIVE_UP = 1 << 22
"""Distinct values in one place at which a run that was planned for fewer gives up."""

_SAMPLE_SHARE = 1 << 8
_SAMPLE_BYTES = 8 << 20
_SAMPLE_PIECES = 32
_BATCHES_PER_PIECE = 16
_MIN_RANGES = 2
_MAX_RANGES = 256
_RANGES_AFTER_GIVING_UP = 32
_GOLDEN = 0x9E3779B9
"""The golden ratio's fraction, in units of 2**-32."""


@dataclass(frozen=True)
class Limits:
    """Numbers that decide how a column is merged; docs/scaling.md has what they follow from.

    table_nbytes: bytes of a table below which nothing is looked at, and all is merged in one tree.
    distinct_per_core_range: distinct values of a range, where one tree would do but a range for
        each core pays.
    distinct_one_tree: distinct values up to which partitions may be as large as is usual.
    distinct_per_range: distinct values of a range, where there are more than that.
    values_per_partition: values of a partition, where there are more than that.
    """

    table_nbytes: int = 64 << 20
    distinct_per_core_range: int = 1 << 15
    distinct_one_tree: int = 1 << 21
    distinct_per_range: int = 1 << 20
    values_per_partition: int = 1 << 18


@dataclass(frozen=True)
class MergePlan:
    """How a column's values are merged: in one tree without `divisions`, else range by range.

    Partitions have at most `blocksize` bytes; None leaves them as large as is usual. A summary of
    more than `distinct_limit` distinct values ends the attempt; with None any number will do.
    """

    divisions: tuple[float, ...] = ()
    blocksize: int | None = None
    distinct_limit: int | None = DISTINCT_GIVE_UP


def plan_merge(table: Table, cores: int, limits: Limits = Limits()) -> MergePlan:
    """Look at a few pieces of a large table, and plan for so many cores."""
    size = total_nbytes(table)
    if size < limits.table_nbytes:
        return MergePlan()
    pieces = _pieces(table, max(_SAMPLE_SHARE, size // _SAMPLE_BYTES))
    sample = Multiset.of(np.concatenate([_values(table, piece) for piece in pieces]))
    looked_at = sum(table.nbytes(piece) for piece in pieces)
    distinct = estimate_distinct(sample, size / looked_at)
    for_cores = min(max(cores, _MIN_RANGES), round(distinct / limits.distinct_per_core_range))
    ranges = max(for_cores, round(distinct / limits.distinct_per_range))
    divisions = sample.divisions(min(ranges, _MAX_RANGES))
    if distinct <= limits.distinct_one_tree:
        return MergePlan(divisions)
    blocksize = max(1, limits.values_per_partition * looked_at // sample.size)
    return MergePlan(divisions, blocksize, distinct_limit=None)


def _pieces(table: Table, share: int) -> list[Partition]:
    """Spread pieces over a table, one `share`-th of it in all.

    They stand at uneven distances, so that they do not all meet the same phase of a period.
    """
    length = table.end - table.begin
    pieces = min(_SAMPLE_PIECES, max(1, length // share))
    stratum = length // pieces
    width = max(1, length // share // pieces)
    shifts = [(i * _GOLDEN & 0xFFFFFFFF) * (stratum - width) >> 32 for i in range(1, pieces + 1)]
    starts = [table.begin + i * stratum + shift for i, shift in enumerate(shifts)]
    return [Partition(start, min(start + width, table.end)) for start in starts]


def _values(table: Table, piece: Partition) -> Floats:
    """Return the first values of a piece; it may begin inside quotes, for it is only a look."""
    batches = islice(table.read(piece).batches(), _BATCHES_PER_PIECE)
    return np.concatenate([np.empty(0), *(batch.copy() for batch in batches)])


def estimate_distinct(sample: Multiset, scale: float) -> float:
    """Estimate the distinct values of a column `scale` times as long as a sample of it.

    Chao, "Nonparametric estimation of the number of classes in a population", 1984; never more
    than the column has values.
    """
    once, twice = (int(np.count_nonzero(sample.counts == n)) for n in (1, 2))
    unseen = once * (once - 1) / (2 * (twice + 1))
    return min(sample.distinct + unseen, sample.size * scale)


class TooManyDistinctError(Exception):
    """A run met more distinct values in one place than it was planned for.

    `divisions` cut them into ranges; `density` is the number of values for each of the table's
    positions.
    """

    def __init__(self, divisions: tuple[float, ...], density: float) -> None:
        """Take what the next attempt needs to know."""
        super().__init__(divisions, density)
        self.divisions = divisions
        self.density = density


def check_distinct(segment: Segment[S], plan: MergePlan) -> None:
    """Raise TooManyDistinctError when a segment, or a range of it, has too many for the plan."""
    state = segment.summary
    if plan.distinct_limit is not None and state.distinct > plan.distinct_limit:
        more = state.divisions(_RANGES_AFTER_GIVING_UP)
        density = state.count / (segment.stop - segment.start)
        raise TooManyDistinctError(tuple(sorted({*plan.divisions, *more})), density)


def replan(table: Table, met: TooManyDistinctError, limits: Limits = Limits()) -> MergePlan:
    """Return the plan of the attempt after one that met too many values."""
    values = met.density * (table.end - table.begin)
    blocksize = max(1, round(limits.values_per_partition * total_nbytes(table) / values))
    return MergePlan(met.divisions, blocksize, distinct_limit=None)
