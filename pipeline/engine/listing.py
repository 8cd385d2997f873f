"""The listing of all distinct values: they are fetched from the workers piece by piece."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.engine import tasks
from pipeline.engine.wait import wait_for
from pipeline.statistics.listing import entries_of, list_groups, list_values

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from distributed import Client

    from pipeline.engine.reduce import Reduced
    from pipeline.numeric.arrays import Integers
    from pipeline.statistics.entries import Entries
    from pipeline.statistics.group_table import GroupTable
    from pipeline.statistics.listing import Listing

PIECE = 1 << 20
"""Distinct values of groups that are fetched at a time, unless a single group has more."""


def listings(
    client: Client,
    paths: Sequence[Path],
    found: Reduced,
    columns: Sequence[int],
    groups: GroupTable | None,
) -> Iterator[Listing]:
    """Yield all distinct values of what was `found` in the files at `paths`.

    Column by column, those with the indices `columns`; of `groups`, one after the other; each time
    in rising order. Raises as `wait_for` does.
    """
    for i in columns:
        if groups is None:
            yield from _of_column(client, paths, found, i)
        else:
            yield from _of_groups(client, paths, found, i, groups)


def _of_column(
    client: Client, paths: Sequence[Path], found: Reduced, column: int
) -> Iterator[Listing]:
    summary = found.segment.summary.columns[column]
    if not found.ranges[column]:
        yield list_values(column, summary.values, 0, summary.count)
    before = 0
    for lane in found.ranges[column]:
        values = wait_for(client, client.submit(tasks.values, lane), paths)
        yield list_values(column, values, before, summary.count)
        before += values.size


def _of_groups(
    client: Client, paths: Sequence[Path], found: Reduced, column: int, groups: GroupTable
) -> Iterator[Listing]:
    ends = np.cumsum(groups.statistics[column]["distinct"])
    start = 0
    while start < len(groups):
        before = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + PIECE, side="right")))
        piece = groups.take(np.arange(start, stop))
        yield list_groups(column, piece.keys, *_fetch(client, paths, found, column, piece))
        start = stop


def _fetch(
    client: Client, paths: Sequence[Path], found: Reduced, column: int, groups: GroupTable
) -> tuple[list[Entries], Integers]:
    """Return the multisets of groups part by part, and what puts them into the groups' order."""
    here = found.segment.summary.groups
    if here is not None:
        return [entries_of(here, column, groups.places)], np.arange(len(groups))
    chosen = [np.flatnonzero(groups.parts == i) for i in range(len(found.parts))]
    asked = [
        client.submit(tasks.group_entries, part, column, groups.places[some])
        for part, some in zip(found.parts, chosen, strict=True)
    ]
    return wait_for(client, client.submit(tasks.gather, asked), paths), np.argsort(
        np.concatenate(chosen)
    )
