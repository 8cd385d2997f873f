"""A look at a column before the run: a few short pieces of it, to choose how its values are merged.

Whatever the look tells, the result is the same; only time and memory depend on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from pipeline.defaults import WINDOW
from pipeline.errors import InputError
from pipeline.formats.partition import Partition
from pipeline.partitions.cutting import total_nbytes
from pipeline.statistics.divisions import NOT_DIVIDED, Divisions
from pipeline.statistics.grouped import Grouped
from pipeline.statistics.multiset import Multiset

if TYPE_CHECKING:
    from pipeline.formats.table import Table
    from pipeline.numeric.arrays import Floats, Integers
    from pipeline.numeric.keys import Keys
    from pipeline.partitions.segment import S, Segment

DISTINCT_GIVE_UP = 1 << 22
"""Distinct values in one place at which a run that was planned for fewer gives up."""

_SAMPLE_SHARE = 1 << 8
_SAMPLE_BYTES = 8 << 20
_SAMPLE_PIECES = 32
_BATCHES_PER_PIECE = 16
_MIN_PARTS = 2
_MAX_PARTS = 256
_PARTS_AFTER_GIVING_UP = 32
_GROUP_BYTES, _ENTRY_BYTES, _VALUE_BYTES = 64, 16, 8
_HASH_SHIFT = 34
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
    nbytes_per_part: bytes of a part of the groups.
    rows_per_partition: rows of a partition, where there are groups: its cells are kept.
    window: values at each end of a group, if it has so many.
    """

    table_nbytes: int = 64 << 20
    distinct_per_core_range: int = 1 << 15
    distinct_one_tree: int = 1 << 21
    distinct_per_range: int = 1 << 20
    values_per_partition: int = 1 << 18
    nbytes_per_part: int = 24 << 20
    rows_per_partition: int = 1 << 20
    window: int = WINDOW


@dataclass(frozen=True)
class MergePlan:
    """How a table is merged: in one tree without `divisions`, else part by part.

    Partitions have at most `blocksize` bytes; None leaves them as large as is usual. A state of
    more than `distinct_limit` entries ends the attempt; with None any number will do. There may be
    `max_groups` groups.
    """

    divisions: Divisions = NOT_DIVIDED
    blocksize: int | None = None
    distinct_limit: int | None = DISTINCT_GIVE_UP
    max_groups: int = 0


def plan_merge(table: Table, cores: int, limits: Limits = Limits()) -> MergePlan:
    """Look at a few pieces of a large table, and plan for so many cores."""
    size = total_nbytes(table)
    if not table.divisible or size < limits.table_nbytes:
        return MergePlan(max_groups=table.max_groups)
    pieces = _pieces(table, max(_SAMPLE_SHARE, size // _SAMPLE_BYTES))
    looks = [look(table, piece, _BATCHES_PER_PIECE) for piece in pieces]
    looked_at = sum(table.nbytes(piece) for piece in pieces)
    scale = size / looked_at
    samples = [
        Multiset.of(np.concatenate([one.values(i) for one in looks]))
        for i in range(len(table.columns))
    ]
    distinct = [estimate_distinct(sample, scale) for sample in samples]
    values = tuple(
        _value_divisions(*pair, cores, limits) for pair in zip(samples, distinct, strict=True)
    )
    values = values if any(values) else ()
    groups = _group_divisions(looks, scale, cores, limits) if table.keys else 0
    many = max(distinct) > limits.distinct_one_tree
    if not (many or table.keys):
        return MergePlan(Divisions(values), max_groups=table.max_groups)
    per_partition = limits.values_per_partition if many else limits.rows_per_partition
    found = max(1, *(sample.size for sample in samples))
    blocksize = max(1, per_partition * looked_at // found)
    return MergePlan(Divisions(values, groups), blocksize, None, table.max_groups)


def _value_divisions(
    sample: Multiset, distinct: float, cores: int, limits: Limits
) -> tuple[float, ...]:
    """Return what cuts a column with so many `distinct` values into ranges."""
    for_cores = min(max(cores, _MIN_PARTS), round(distinct / limits.distinct_per_core_range))
    ranges = max(for_cores, round(distinct / limits.distinct_per_range))
    return sample.divisions(min(ranges, _MAX_PARTS))


def _group_divisions(looks: list[Look], scale: float, cores: int, limits: Limits) -> int:
    """Return into how many parts groups are cut: at least one for each core.

    Groups that are short on average are kept as their values, others as their distinct values and
    the ends of their windows.
    """
    groups = estimate_groups([one.keys for one in looks], scale)
    nbytes = groups * _GROUP_BYTES
    for i in range(len(looks[0].cells)):
        pairs = [_pairs(one, i) for one in looks]
        values = sum(part.size for part in pairs) * scale
        ends = min(values, 2 * limits.window * groups)
        entries = estimate_growth(pairs, scale) if values > ends else 0.0
        nbytes += ends * _VALUE_BYTES + entries * _ENTRY_BYTES
    parts = round(nbytes / limits.nbytes_per_part)
    return min(_MAX_PARTS, max(_MIN_PARTS, cores, parts))


def _pairs(one: Look, column: int) -> Floats:
    """Return a number for each value of a column and its group, as good as different ones."""
    cells = one.cells[column]
    valid = np.isfinite(cells)
    groups = one.keys.hashes[one.codes[valid]] >> np.uint64(_HASH_SHIFT)
    return groups.astype(np.float64) + np.sin(cells[valid])


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


@dataclass(frozen=True, eq=False)
class Look:
    """What a look at a piece finds: cells by column, and the groups of rows."""

    cells: list[Floats]
    codes: Integers
    keys: Keys

    def values(self, column: int) -> Floats:
        """Return the valid values of a column, by its index."""
        return self.cells[column][np.isfinite(self.cells[column])]


def look(table: Table, piece: Partition, batches: int) -> Look:
    """Look at the first `batches` of a piece; it may begin inside quotes, for it is only a look."""
    rows = table.rows(piece)
    cells: list[list[Floats]] = [[np.empty(0)] for _ in table.columns]
    codes: list[Integers] = [np.empty(0, np.int64)]
    for batch in islice(rows.batches(), batches):
        for column, more in zip(cells, batch.columns, strict=True):
            column.append(more.copy())
        if batch.codes is not None:
            codes.append(batch.codes)
    return Look([np.concatenate(c) for c in cells], np.concatenate(codes), rows.keys())


def estimate_groups(pieces: list[Keys], scale: float) -> float:
    """Estimate the groups of a table of which `pieces` are one `scale`-th.

    Chao, "Estimating the population size for capture-recapture data with unequal catchability",
    1987: from how many are in one piece alone, and how many in two; never more than the pieces'
    groups, all repeated.
    """
    hashes = np.concatenate([keys.hashes for keys in pieces])
    pieces_of_key = np.unique(hashes, return_counts=True)[1]
    once, twice = (int(np.count_nonzero(pieces_of_key == n)) for n in (1, 2))
    unseen = once * (once - 1) / (2 * (twice + 1))
    return min(pieces_of_key.size + unseen, hashes.size * scale)


def estimate_distinct(sample: Multiset, scale: float) -> float:
    """Estimate the distinct values of a column `scale` times as long as a sample of it.

    Chao, "Nonparametric estimation of the number of classes in a population", 1984; never more
    than the column has values.
    """
    once, twice = (int(np.count_nonzero(sample.counts == n)) for n in (1, 2))
    unseen = once * (once - 1) / (2 * (twice + 1))
    return min(sample.distinct + unseen, sample.size * scale)


def estimate_growth(pieces: list[Floats], scale: float) -> float:
    """Estimate, rather too high, the distinct values of what is `scale` times as long as `pieces`.

    They grow as a power of the length, as they do from half of the pieces to all of them. Heaps,
    "Information Retrieval", 1978, section 7.5; never more than there are values.
    """
    half, whole = (np.unique(np.concatenate(some)).size for some in (pieces[::2], pieces))
    power = min(1.0, float(np.log2(max(whole, 1) / max(half, 1))))
    return min(float(whole * scale**power), sum(piece.size for piece in pieces) * scale)


class TooManyDistinctError(Exception):
    """A run met more entries in one place than it was planned for.

    `divisions` cut them into parts; `density` is the number of values for each of the table's
    positions.
    """

    def __init__(self, divisions: Divisions, density: float) -> None:
        """Take what the next attempt needs to know."""
        super().__init__(divisions, density)
        self.divisions = divisions
        self.density = density


def check_state(segment: Segment[S], plan: MergePlan) -> None:
    """Raise TooManyDistinctError when a segment, or a part of it, has too many for the plan.

    Raises InputError when it has more groups than there may be.
    """
    state = segment.summary
    groups = state if isinstance(state, Grouped) else getattr(state, "groups", None)
    if groups is not None and len(groups) > plan.max_groups:
        raise too_many_groups(len(groups), plan.max_groups)
    if plan.distinct_limit is not None and state.distinct > plan.distinct_limit:
        more = plan.divisions.union(state.divisions(_PARTS_AFTER_GIVING_UP))
        density = state.count / (segment.stop - segment.start)
        raise TooManyDistinctError(more, density)


def too_many_groups(groups: int, most: int) -> InputError:
    """Return the refusal of so many groups, or more, where there may be `most`."""
    return InputError(
        f"there are more than {most:,} groups ({groups:,} so far); group by something coarser, "
        f"such as a month (--by COLUMN:month), or allow for more with --max-groups {2 * groups}"
    )


def replan(table: Table, met: TooManyDistinctError, limits: Limits = Limits()) -> MergePlan:
    """Return the plan of the attempt after one that met too many entries."""
    values = met.density * (table.end - table.begin)
    blocksize = max(1, round(limits.values_per_partition * total_nbytes(table) / values))
    return MergePlan(met.divisions, blocksize, None, table.max_groups)
