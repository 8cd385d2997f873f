"""The groups on the page: a table with histograms, and which of the groups stand out."""

from __future__ import annotations

import csv
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pipeline.engine.connect import borrow
from pipeline.engine.observer import Observer
from pipeline.formats.query import Key, Query
from pipeline.partitions.cutting import Partitioning
from pipeline.partitions.planning import MergePlan
from pipeline.report.page.groups import MOST, group_part
from pipeline.report.page.model import say
from pipeline.report.page.numbers import Numbers
from pipeline.report.page.words import words
from pipeline.request import Request
from pipeline.run import run
from pipeline.statistics.divisions import Divisions
from pipeline.statistics.group_histograms import small_edges
from pipeline.statistics.groups import key_texts

if TYPE_CHECKING:
    from pathlib import Path

NASTY = "<img src=x onerror=alert(1)>"
CHANCE = np.random.default_rng(5)


def cells(key: str, values: np.ndarray, missing: int = 0) -> list[str]:
    return [f'{value},"{key}"' for value in values.round(1)] + [f',"{key}"'] * missing


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> Path:
    """Twenty stations alike, of which some have more values than two windows; and four odd ones."""
    path = tmp_path_factory.mktemp("groups") / "stations.csv"
    rows = []
    for i in range(20):
        rows += cells(f"S{i}", CHANCE.normal(20 + i / 10, 3 + i / 20, 1_500 if i % 5 else 90), 2)
    rows += cells("warm", CHANCE.normal(60, 3, 100))
    rows += cells("wild", np.linspace(-60, 102, 101))
    rows += cells("gaps", CHANCE.normal(20, 3, 100), 200)
    rows += cells(NASTY, CHANCE.normal(20, 3, 5))
    order = CHANCE.permutation(len(rows))
    path.write_text("\n".join(["x,station", *(rows[i] for i in order), ""]))
    return path


def outcome(path, client, *, parts=1, lanes=0, by="station"):
    plan = MergePlan(Divisions(groups=lanes), max_groups=10_000)
    request = Request(
        (path,), Query(("x",), (Key(by),)), partitioning=Partitioning(parts), report=True
    )
    return run(request, partial(borrow, client), Observer(), lambda *_: plan)


def part(found, lang="en"):
    assert found.groups is not None
    return group_part(found.groups, 0, found.keys, words(lang), Numbers.of(lang))


@pytest.mark.parametrize(("parts", "lanes"), [(5, 0), (1, 3), (7, 4)])
def test_the_same_table_however_the_groups_are_cut(table, client, parts, lanes):
    """Rows, histograms and what stands out do not depend on the partitioning."""
    assert part(outcome(table, client)) == part(outcome(table, client, parts=parts, lanes=lanes))


def test_each_histogram_counts_the_groups_values(table, client):
    """Of long groups and of short ones, each bin has the number that NumPy counts."""
    found = outcome(table, client, parts=3)
    assert found.groups is not None
    edges = small_edges(found.distributions[0])
    with table.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for key, counts in zip(found.groups.keys.to_list(), found.groups.histograms[0], strict=True):
        (name,) = key_texts(key)
        values = [float(row["x"]) for row in rows if row["station"] == name and row["x"]]
        assert counts.tolist() == np.histogram(values, edges)[0].tolist(), name


def test_odd_groups_are_named_with_the_reason(table, client):
    """Each group that was made odd is told of, and no other."""
    shown, remarks = part(outcome(table, client))
    assert {row.keys[0]: row.odd for row in shown.rows if row.odd} == {
        "warm": "high",
        "wild": "wide spread",
        "gaps": "much missing",
    }
    said = {remark.rule: say(remark, "en") for remark in remarks}
    assert "1 of 24. The farthest: warm;" in said["group_centre"]
    assert "wild" in said["group_spread"]
    assert "gaps; of the first 66.7\u00a0% is missing" in said["group_missing"]


def test_many_groups_are_shown_in_part(client, tmp_path):
    """The page shows a thousand groups, and says that there are more."""
    path = tmp_path / "many.csv"
    path.write_text("\n".join(["x,station", *(f"{i % 7},{i % 1500}" for i in range(4_000)), ""]))
    shown, _ = part(outcome(path, client, parts=2, lanes=2), "es")
    assert len(shown.rows) == MOST
    assert "Grupos: 1\u202f500. Se muestran 1\u202f000" in shown.note
