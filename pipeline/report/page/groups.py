"""The groups as a table of the page: a row for each, with a small histogram and what is odd."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.report.page.groups_that_stand_out import odd_groups
from pipeline.report.page.remark import Remark
from pipeline.statistics.groups import key_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pipeline.numeric.arrays import Floats, Integers
    from pipeline.report.page.groups_that_stand_out import Odd
    from pipeline.report.page.numbers import Numbers
    from pipeline.statistics.group_table import GroupTable
    from pipeline.statistics.grouped_results import Name

MOST = 1000
"""Groups that the page shows."""

WIDTH, HEIGHT = 96, 24
"""The size of a small histogram."""

_NAMED = 3
_DIGITS = 6
_ROUNDED = {"mean": 4, "std": 4}
_COLUMNS = ("count", "missing", "mean", "median", "std", "min", "max")


@dataclass(frozen=True)
class Cell:
    """A number in the table: its `text`, all its digits in `full`, and the number to `sort` by."""

    text: str
    full: str
    sort: str


@dataclass(frozen=True)
class Row:
    """A group: the texts of its `keys`, its numbers in `cells`, a path in `bars`, what is `odd`."""

    keys: tuple[str, ...]
    cells: list[Cell]
    bars: str
    odd: str


@dataclass(frozen=True)
class GroupPart:
    """The part of the page about the groups of a column.

    Attributes:
        keys: The names of the keys.
        heads: What the columns of numbers are called.
        rows: The groups that are shown.
        note: How many there are, and which are shown.
        histograms: Whether rows have small histograms.
        odd: Whether anything is odd.

    """

    keys: Sequence[str]
    heads: Sequence[str]
    rows: list[Row]
    note: str
    histograms: bool
    odd: bool


def group_part(
    table: GroupTable,
    column: int,
    keys: Sequence[str],
    names: Mapping[str, str],
    numbers: Numbers,
) -> tuple[GroupPart, list[Remark]]:
    """Return the table of the groups of a column, and what stands out among them.

    Args:
        table: The statistics of all groups.
        column: The column's index.
        keys: The names of the keys.
        names: The words of the page.
        numbers: How numbers are written.

    """
    statistics = table.statistics[column]
    odd = odd_groups(statistics)
    chosen = _chosen(odd, statistics["count"])
    bars = _bars(table.histograms[column][chosen]) if table.histograms else [""] * chosen.size
    texts = [tuple(map(_plain, key_texts(key))) for key in table.keys.take(chosen).to_list()]
    rows = [
        Row(key, list(_cells(statistics, group, numbers)), bar, _reasons(odd, group, names))
        for key, group, bar in zip(texts, chosen.tolist(), bars, strict=True)
    ]
    note = "groups_some" if chosen.size < len(table) else "groups_all"
    note = names[note].format(groups=numbers.count(len(table)), shown=numbers.count(chosen.size))
    heads = [names[f"head_{name}"] for name in _COLUMNS]
    part = GroupPart(keys, heads, rows, note, bool(table.histograms), any(row.odd for row in rows))
    return part, list(_remarks(table, odd, statistics))


def _plain(text: str) -> str:
    """Return a key's text without what is no UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _chosen(odd: Odd, counts: Integers | Floats) -> Integers:
    """Return the groups that are shown: the odd ones first, then the largest, in file order."""
    if counts.size <= MOST:
        return np.arange(counts.size)
    largest = np.lexsort((np.arange(counts.size), -counts))
    order = np.concatenate((odd.order, largest[~odd.any[largest]]))
    return np.sort(order[:MOST])


def _cells(
    statistics: Mapping[Name, Integers | Floats], group: int, numbers: Numbers
) -> Iterator[Cell]:
    counters = ("count", "missing", "invalid", "out_of_range")
    cells = sum(int(statistics[name][group]) for name in counters)
    for name in _COLUMNS:
        value = statistics[name][group].item()
        if name == "missing":
            share = value / cells if cells else 0.0
            yield Cell(numbers.share(value, cells), str(value), repr(share))
        else:
            known = None if value != value else value  # noqa: PLR0124 - NaN
            full = numbers.full(known)
            yield Cell(numbers.value(known, _ROUNDED.get(name, _DIGITS)), full, full)


def _bars(counts: Integers) -> list[str]:
    """Return each histogram as the path of an SVG, as high as its highest bar."""
    step = WIDTH / max(1, counts.shape[1])
    paths = []
    for row in counts.tolist():
        most = max(row, default=0) or 1
        bars = (
            f"M{i * step:.1f} {HEIGHT}v{-HEIGHT * n / most:.1f}h{step - 0.5:.1f}V{HEIGHT}z"
            for i, n in enumerate(row)
            if n
        )
        paths.append("".join(bars))
    return paths


def _reasons(odd: Odd, group: int, names: Mapping[str, str]) -> str:
    reasons = []
    if odd.centre[group]:
        reasons.append(names["odd_high" if odd.centre[group] > 0 else "odd_low"])
    if odd.spread[group]:
        reasons.append(names["odd_wide" if odd.spread[group] > 0 else "odd_narrow"])
    if odd.missing[group]:
        reasons.append(names["odd_missing"])
    return ", ".join(reasons)


def _remarks(
    table: GroupTable, odd: Odd, statistics: Mapping[Name, Integers | Floats]
) -> Iterator[Remark]:
    """Yield one remark for each reason, with the oddest groups by name."""
    for rule, found in (
        ("group_centre", odd.centre),
        ("group_spread", odd.spread),
        ("group_missing", odd.missing),
    ):
        groups = np.flatnonzero(found)
        if not groups.size:
            continue
        first = groups[np.lexsort((groups, -np.abs(found[groups])))][:_NAMED]
        keys = (key_texts(key) for key in table.keys.take(first).to_list())
        oddest = int(first[0])
        yield Remark(
            rule,
            0.58,
            {
                "count": ("count", int(groups.size), 0),
                "groups": ("count", len(table), 0),
                "names": ("text", ", ".join(_plain(" / ".join(key)) for key in keys), 0),
                "median": ("value", float(statistics["median"][oddest]), 0),
                "usual": ("value", float(f"{odd.usual:.6g}"), 0),
                "std": ("value", float(f"{float(statistics['std'][oddest]):.4g}"), 0),
                "share": ("share", round(1000 * float(odd.missing[oddest])), 1000),
            },
            "groups",
        )
