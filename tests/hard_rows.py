"""Rows whose keys are hard, what is asked of them, and what the oracle expects."""

from __future__ import annotations

import csv
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.engine.connect import borrow
from pipeline.engine.observer import Observer
from pipeline.formats.query import Query
from pipeline.formats.read_options import ReadOptions
from pipeline.partitions.cutting import Partitioning
from pipeline.report.group_files import group_file
from pipeline.request import Request
from pipeline.run import run
from pipeline.statistics.options import StatisticsOptions
from tests import oracle

if TYPE_CHECKING:
    from pathlib import Path

    from distributed import Client

    from pipeline import Result
    from pipeline.request import Outcome

WINDOW = 5
PARTITIONS = (1, 2, 7, 64, 1000)
LONG = "k" * 100_000
TIMES = {"t": "%Y-%m-%d %H:%M"}


def _rows() -> list[list[str]]:
    """Rows whose keys are hard: key, time, x, y."""
    random = np.random.default_rng(4)
    hard = ["", "0068", "68", " 68", "a,b", 'say "so"', "two\nlines", "É", "é", "once more", LONG]
    rows = []
    for i in range(1500):
        key = "half" if i % 2 else hard[int(random.integers(len(hard) - 1))]
        if i in (17, 1400):
            key = LONG
        x = "" if i % 11 == 0 else f"{random.gamma(2, 9):.1f}"
        y = "NA" if i % 7 == 0 else str(random.integers(-3, 4))
        time = f"2019-{1 + i // 130:02}-{1 + i % 28:02} {i % 24:02}:30"
        rows.append([key, time, x, y])
    return [*rows, ["the end", "2020-01-01 00:00", "7.5", "1"]]


ROWS = _rows()
NAMES = ["key", "t", "x", "y"]


def write(path: Path, rows: list[list[str]] = ROWS, order: tuple[int, ...] = (0, 1, 2, 3)) -> Path:
    """Write rows as CSV, the columns in some order."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([NAMES[k] for k in order])
        writer.writerows([row[k] for k in order] for row in rows)
    return path


def ask(client: Client, *paths: Path, plan: Any = None, cut: int = 1, **asked: Any) -> Outcome:
    on_invalid, sort = asked.pop("on_invalid", "stop"), asked.pop("sort", False)
    request = Request(
        paths,
        Query(**{"columns": ("x",), "times": TIMES} | asked),
        ReadOptions(on_invalid=on_invalid),
        Partitioning(cut),
        StatisticsOptions(WINDOW),
        sort=sort,
    )
    return run(request, partial(borrow, client), Observer(), plan)


def text(outcome: Outcome) -> str:
    """All that a run finds, as text."""
    found = "".join(result.to_json() for result in outcome.results)
    groups = outcome.groups
    return (
        found if groups is None else found + b"".join(group_file(outcome, groups, "csv")).decode()
    )


def numbers(rows: list[list[str]], column: int) -> list[float]:
    return [float(row[column]) for row in rows if row[column] not in ("", "NA")]


def expect(rows: list[list[str]], column: int) -> dict[str, Any]:
    found = oracle.expected(numbers(rows, column), window=WINDOW)
    missing = len(rows) - len(numbers(rows, column))
    return found | {"missing": missing}


def same(result: Result, expected: dict[str, Any]) -> None:
    found = result.statistics()
    assert {name: found[name] for name in expected} == expected


def by_key(key: Any) -> dict[Any, list[list[str]]]:
    groups: dict[Any, list[list[str]]] = {}
    for row in ROWS:
        groups.setdefault(key(row), []).append(row)
    return groups
