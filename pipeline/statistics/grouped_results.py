"""The statistics of all groups of a column, as arrays by their names."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING

import numpy as np

from pipeline.numeric.mantissas import TOTAL_WORDS
from pipeline.statistics.grouped_deviation import find_deviations
from pipeline.statistics.grouped_finish import Found
from pipeline.statistics.grouped_formulas import (
    LONGEST_WINDOW,
    MOMENTS,
    Shares,
    find_moments,
    find_moving,
    find_percentiles,
    find_ranges,
    fitting,
)
from pipeline.statistics.percentiles import QUARTILES, fit, shares
from pipeline.statistics.result import STATISTICS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.numeric.arrays import Floats, Integers
    from pipeline.statistics.grouped_column import GroupedColumn
    from pipeline.statistics.sufficient import SufficientStatistics

Name = str | tuple[str, float]
"""A statistic's name, or that of one with several values and which of them."""

Columns = dict[Name, "Integers | Floats"]

_ALL_AT_ONCE = 1 << 14
"""Groups whose sums are held at a time."""

_WORD_BYTES = 8
_LOWER, _MIDDLE, _UPPER = QUARTILES


def statistics_of(column: GroupedColumn, percentiles: Sequence[float]) -> Columns:
    """Return the statistics of each group of a `column`; `percentiles` from 0 to 100.

    int64 for counts, else float64, with NaN where a statistic is undefined.
    """
    groups = column.counts.size
    starts = range(0, max(groups, 1), _ALL_AT_ONCE)
    parts = [
        _some(column.take(np.arange(start, min(start + _ALL_AT_ONCE, groups))), percentiles)
        for start in starts
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _some(column: GroupedColumn, percentiles: Sequence[float]) -> Columns:
    """Return the statistics of groups that are not too many to be looked at together."""
    found = Found.of(column, percentiles)
    wanted = (*percentiles, *QUARTILES)
    wide = fitting(found.shifts)
    if column.window > LONGEST_WINDOW or not fit(wanted, int(column.counts.max(initial=0))):
        wide = wide[:0]
    columns = _counts(column, found) | _moments(column, found, wide)
    columns |= _order(column, found, wide, percentiles)
    columns["moving_variance_sum"] = _moving(column, found, wide)
    rest = np.setdiff1d(np.arange(column.counts.size), wide)
    for group in rest.tolist():
        sufficient = found.sufficient(column, group, percentiles)
        for name, value in _flat(sufficient):
            columns[name][group] = nan if value is None else value
    return {name: columns[name] for name in _names(percentiles)}


def _names(percentiles: Sequence[float]) -> list[Name]:
    names: list[Name] = []
    for name in STATISTICS:
        names += [(name, q) for q in percentiles] if name == "percentiles" else [name]
    return names


def _flat(found: SufficientStatistics) -> Iterator[tuple[Name, float | None]]:
    """Yield the statistics of a group, one by one."""
    for name, statistic in STATISTICS.items():
        value = statistic.formula(found)
        if isinstance(value, dict):
            yield from (((name, q), one) for q, one in value.items())
        else:
            yield name, value


def _counts(column: GroupedColumn, found: Found) -> Columns:
    """Return what is counted, and the values that were found."""
    count, missing, invalid, out_of_range = column.counters.astype(np.int64)
    _, _, ties, zeros, negatives = found.tallies.T
    least, greatest, mode = found.extremes.T
    return {
        "count": count,
        "missing": missing,
        "invalid": invalid,
        "out_of_range": out_of_range,
        "filtered": np.zeros_like(count),
        "max": greatest,
        "min": least,
        "mode": mode,
        "moving_windows": np.maximum(count - column.window, 0),
        "distinct": np.diff(found.entries.bounds).astype(np.int64),
        "mode_count": found.tallies[:, 0],
        "mode_ties": ties,
        "zeros": zeros,
        "negatives": negatives,
    }


def _moments(column: GroupedColumn, found: Found, groups: Integers) -> Columns:
    moments = np.full((column.counts.size, len(MOMENTS)), nan)
    find_moments(groups, column.counts, found.shifts, found.totals.ravel(), moments)
    return dict(zip(MOMENTS, moments.T, strict=True))


def _order(
    column: GroupedColumn, found: Found, groups: Integers, percentiles: Sequence[float]
) -> Columns:
    wanted = (*percentiles, _MIDDLE)
    given = groups, column.counts, found.shifts, found.ranks, found.selected
    values = np.full((column.counts.size, len(wanted)), nan)
    ranges = np.full(column.counts.size, nan)
    far = np.full(column.counts.size, nan)
    if groups.size:
        find_percentiles(*given, Shares(*shares(wanted)), values)
        find_ranges(*given, Shares(*shares((_LOWER, _UPPER))), ranges)
        find_deviations(groups, column.counts, found.shifts, *found.entries[:3], far)
    columns: Columns = {("percentiles", q): values[:, i] for i, q in enumerate(percentiles)}
    return columns | {"median": values[:, -1], "iqr": ranges, "mad": far}


def _moving(column: GroupedColumn, found: Found, groups: Integers) -> Floats:
    sums = np.full(column.counts.size, nan)
    squares = np.zeros((column.counts.size, TOTAL_WORDS), np.uint64)
    for group in groups[column.counts[groups] > 2 * column.window].tolist():
        scaled = column.squares[group] >> (2 * int(found.shifts[group]))
        text = scaled.to_bytes(TOTAL_WORDS * _WORD_BYTES, "little")
        squares[group] = np.frombuffer(text, np.uint64)
    find_moving(
        *(groups, column.counts, found.shifts, found.totals.ravel(), squares.ravel()),
        *(column.ends, column.end_bounds, column.window, sums),
    )
    return sums
