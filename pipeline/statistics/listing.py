"""Listings: each distinct value of a column or of a group, and how many values are no greater."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.numeric.arrays import Floats, Integers
from pipeline.numeric.slices import bounds_of
from pipeline.statistics.entries import Entries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.numeric.keys import Keys
    from pipeline.statistics.grouped import Grouped
    from pipeline.statistics.multiset import Multiset


class Listing(NamedTuple):
    """Some distinct values of a column, in rising order within each group.

    Fields:
        column: The index of the column.
        values: The values, float64 of shape (n,).
        counts: How often each occurs, int64 of shape (n,).
        firsts: How many values of the column, or of the group, come before its first occurrence.
        below: How many of them are equal or less.
        totals: How many of them there are.
        groups: The index in `keys` of each one's group; None without groups.
        keys: The keys of some groups; None likewise.

    """

    column: int
    values: Floats
    counts: Integers
    firsts: Integers
    below: Integers
    totals: Integers
    groups: Integers | None = None
    keys: Keys | None = None


def list_values(column: int, values: Multiset, before: int, total: int) -> Listing:
    """Return the listing of a range of a column's values: `before` are less, of `total` in all."""
    counts = values.counts.astype(np.int64)
    totals = np.full(counts.size, total)
    return Listing(column, values.values, counts, values.firsts, before + np.cumsum(counts), totals)


def entries_of(groups: Grouped, column: int, chosen: Integers) -> Entries:
    """Return the multisets of a column, by its index, of the groups with the numbers `chosen`."""
    every = np.ones(chosen.size, np.bool_)
    return groups.columns[column].take(chosen).counted(every)


def list_groups(column: int, keys: Keys, parts: Sequence[Entries], order: Integers) -> Listing:
    """Return the listing of a column of some groups, whose `keys` are in the order wanted.

    `parts` are the multisets of some of them and of some more; `order` puts those of all parts, one
    after the other, into that order.
    """
    whole = Entries(
        bounds_of(np.concatenate([np.diff(part.bounds) for part in parts])),
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.counts.astype(np.int64) for part in parts]),
        np.concatenate([part.firsts.astype(np.int64) for part in parts]),
    ).take(order)
    groups = np.repeat(np.arange(order.size), np.diff(whole.bounds))
    running = np.concatenate(([0], np.cumsum(whole.counts)))
    starts, ends = running[whole.bounds[:-1]], running[whole.bounds[1:]]
    below, totals = running[1:] - starts[groups], (ends - starts)[groups]
    return Listing(column, whole.values, whole.counts, whole.firsts, below, totals, groups, keys)
