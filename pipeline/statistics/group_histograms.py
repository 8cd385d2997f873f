"""Small histograms of many groups, all with the same bins."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pipeline.statistics.bins import choose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.numeric.arrays import Floats, Integers
    from pipeline.statistics.distribution import Distribution
    from pipeline.statistics.grouped import Grouped
    from pipeline.statistics.grouped_column import GroupedColumn

MOST_GROUPS = 20_000
"""Groups up to which they have histograms."""

_BINS = 24


def small_edges(found: Distribution | None) -> Floats:
    """Return the edges of the bins in which the groups of a column are compared.

    `found` is the distribution of all of its values; None, for none of them, has one empty bin.
    """
    if found is None:
        return np.zeros(2)
    near = replace(found.where, far=found.where.near)
    return choose(near, found.shape.resolution, _BINS).edges


def histograms(groups: Grouped, edges: Sequence[Floats]) -> list[Integers]:
    """Return how many values of each group lie in each bin, column by column.

    Args:
        groups: The groups.
        edges: For each column the edges of its bins, rising, shape (bins + 1,).

    Returns:
        For each column int64 of shape (groups, bins). What lies outside all bins is left out.

    """
    pairs = zip(groups.columns, edges, strict=True)
    return [_histogram(column, cuts) for column, cuts in pairs]


def _histogram(column: GroupedColumn, edges: Floats) -> Integers:
    """Count the entries of the long groups, and the values of the short ones."""
    groups, bins = column.counts.size, edges.size - 1
    found = np.zeros(groups * bins, np.int64)
    kept = np.minimum(column.counts.astype(np.int64), 2 * column.window)
    short = np.repeat(column.counts <= 2 * column.window, kept)
    owners = np.repeat(np.arange(groups), kept)[short]
    _add(found, owners, column.ends[short], np.ones(owners.size), edges)
    bounds, values, counts, _ = column.entries
    ends = bounds.astype(np.int64)
    owners = np.repeat(np.arange(groups), ends[1:] - ends[:-1])
    _add(found, owners, values, counts.astype(np.float64), edges)
    return found.reshape(groups, bins)


def _add(found: Integers, owners: Integers, values: Floats, counts: Floats, edges: Floats) -> None:
    bins = edges.size - 1
    place = np.searchsorted(edges, values, "right") - 1
    inside = (place >= 0) & (place < bins)
    cells = owners[inside] * bins + place[inside]
    found += np.bincount(cells, counts[inside], found.size).astype(np.int64)
