"""The reference kernel: one pass through an unsplit file in plain Python, loops and all.

It says what the program must compute, in the plainest way: the standard library's CSV reader, one
loop for each definition, ordinary floating-point arithmetic. Slow: each window is summed anew.
"""

from __future__ import annotations

import csv
import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

MISSING = frozenset(
    (
        *("", "<nil>", "<NA>", "NA", "N/A", "n/a", "NaN", "nan", "-NaN", "-nan", "NULL", "null"),
        *("None", "#N/A", "#N/A N/A", "#NA", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN"),
    )
)
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def read_column(path: Path, column: str, **dialect: str) -> tuple[list[float], int, list[str]]:
    """Return the valid values in file order, the number of missing cells, and the invalid ones."""
    values, missing, invalid = [], 0, []
    for cell in _cells(path, column, **dialect):
        text = cell.strip(" \t")
        if text in MISSING:
            missing += 1
        elif NUMBER.fullmatch(text) and math.isfinite(float(text)):
            values.append(float(text) + 0.0)
        else:
            invalid.append(cell)
    return values, missing, invalid


def _cells(path: Path, column: str, **dialect: str) -> Iterator[str]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.reader(stream, strict=True, **dialect)
        position = next(rows).index(column)
        for row in rows:
            if row:
                yield row[position]


def describe(values: list[float], window: int = 500) -> dict[str, float | None]:
    """Return the statistics of at least one value, in ordinary floating-point arithmetic."""
    n = len(values)
    mean = math.fsum(values) / n
    variance = _variance(values)
    std = math.sqrt(variance)
    ordered = sorted(values)
    return {
        "mean": mean,
        "max": ordered[-1],
        "min": ordered[0],
        "mode": _mode(values),
        "variance": variance,
        "std": std,
        "kurtosis": _mean((x - mean) ** 4 for x in values) / variance**2 - 3 if variance else None,
        "skewness": _mean((x - mean) ** 3 for x in values) / std**3 if variance else None,
        "moving_variance_sum": math.fsum(
            _variance(values[i - window : i]) for i in range(window, n)
        ),
    } | {f"p{q}": _percentile(ordered, q) for q in (10, 25, 50, 75, 90)}


def _mean(values: Iterable[float]) -> float:
    terms = list(values)
    return math.fsum(terms) / len(terms)


def _variance(values: list[float]) -> float:
    mean = _mean(values)
    return _mean((x - mean) ** 2 for x in values)


def _mode(values: list[float]) -> float:
    counts: dict[float, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return max(counts, key=lambda value: counts[value])


def _percentile(ordered: list[float], q: int) -> float:
    below, part = divmod((len(ordered) - 1) * q, 100)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + part / 100 * (ordered[above] - ordered[below])
