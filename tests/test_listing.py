"""The file of distributions: each distinct value of a column or a group, however cut."""

from __future__ import annotations

import csv
import io
from collections import Counter
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

import pipeline
from pipeline.engine import listing
from pipeline.engine.connect import borrow
from pipeline.engine.observer import Observer
from pipeline.formats.query import Key, Query
from pipeline.partitions.cutting import Partitioning
from pipeline.partitions.planning import MergePlan
from pipeline.report.distribution_file import NUMBERS, DistributionFile
from pipeline.request import Request
from pipeline.run import run
from pipeline.statistics.divisions import Divisions
from tests.clusters import local
from tests.commands import command, refusal
from tests.hard_rows import PARTITIONS, ROWS, TIMES, by_key, numbers, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from distributed import Client


WHOLE = Divisions()
RANGES = Divisions(((0.25, 5.0, 20.0),))


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> Path:
    return write(tmp_path_factory.mktemp("rows") / "hard.csv")


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with local(2) as client:
        yield client


def listed(
    client: Client, path: Path, *, cut: int = 1, divisions: Divisions = WHOLE, **asked: Any
) -> bytes:
    """The file of a run over so many partitions, its state cut by the divisions."""
    query = Query(**{"columns": ("x",), "times": TIMES} | asked)
    request = Request((path,), query, partitioning=Partitioning(cut))
    plan = lambda *_: MergePlan(divisions, None, None, 1000)  # noqa: E731
    file = DistributionFile("d.csv")
    run(request, partial(borrow, client), Observer(), plan, file)
    return b"".join(file.content())


def rows_of(values: list[float]) -> list[list[str]]:
    """What must be written of some values: computed the plain way."""
    counts = Counter(values)
    rows, below = [], 0
    for value in sorted(counts):
        below += counts[value]
        shares = Fraction(below, len(values)), Fraction(len(values) - below, len(values))
        numbers = (value + 0.0, counts[value], values.index(value), *map(float, shares))
        rows.append(list(map(repr, numbers)))
    return rows


def read(data: bytes) -> list[list[str]]:
    text = io.StringIO(data.decode("utf-8", "surrogateescape"), newline="")
    return list(csv.reader(text))


@pytest.mark.parametrize("cut", PARTITIONS)
@pytest.mark.parametrize("divisions", [WHOLE, RANGES])
def test_each_distinct_value_of_a_column_is_a_row(table, client, cut, divisions):
    """With its count, its first position and both shares, rounded once."""
    found = read(listed(client, table, cut=cut, divisions=divisions))
    assert found == [[*NUMBERS], *rows_of(numbers(ROWS, 2))]


@pytest.mark.parametrize("cut", PARTITIONS)
@pytest.mark.parametrize("lanes", [0, 1, 5])
def test_each_distinct_value_of_a_group_is_a_row(table, client, cut, lanes, monkeypatch):
    """Group by group as they appear, hard keys and all, whatever is fetched at a time."""
    monkeypatch.setattr(listing, "PIECE", 50)
    asked = {"by": (Key("key"),), "columns": ("x", "y")}
    found = read(listed(client, table, cut=cut, divisions=Divisions(groups=lanes), **asked))
    assert found[0] == ["column", "key", *NUMBERS]
    groups = by_key(lambda row: row[0].strip())
    expected = [
        [name, key, *row]
        for place, name in ((2, "x"), (3, "y"))
        for key, rows in groups.items()
        for row in rows_of(numbers(rows, place))
    ]
    assert found[1:] == expected


def test_the_command_writes_it_beside_the_results(table, tmp_path):
    """CSV or Parquet by its ending, and a table that can be read again."""
    asked = [table, "--column", "x", "--by", "key", "--sort", "--output", "out"]
    for name in ("d.csv", "d.parquet"):
        done = command(tmp_path, *asked, "--distribution", name)
        assert done.returncode == 0, done.stderr
        assert f"written: out/{name}" in done.stdout
    stored = pq.read_table(tmp_path / "out" / "d.parquet")
    text = read((tmp_path / "out" / "d.csv").read_bytes())
    assert stored.column_names == text[0]
    assert list(map(repr, stored["value"].to_pylist())) == [row[1] for row in text[1:]]
    again = pipeline.describe(tmp_path / "out" / "d.csv", column="count", workers=1)
    assert again.sum == len(numbers(ROWS, 2))


def test_columns_that_hold_no_numbers_are_not_listed(table, tmp_path):
    done = command(tmp_path, table, "--column", "*", "--distribution", "d.csv")
    assert done.returncode == 0, done.stderr
    names = {row[0] for row in read((tmp_path / "d.csv").read_bytes())[1:]}
    assert names == {"x", "y"}


def test_a_column_without_values_has_a_header_alone(tmp_path):
    (tmp_path / "x.csv").write_text("x\nNA\n")
    for name in ("d.csv", "d.parquet"):
        done = command(tmp_path, "x.csv", "--column", "x", "--distribution", name)
        assert done.returncode == 0, done.stderr
    assert read((tmp_path / "d.csv").read_bytes()) == [[*NUMBERS]]
    assert pq.read_table(tmp_path / "d.parquet").num_rows == 0


@pytest.mark.parametrize(
    ("name", "says"),
    [("d.xlsx", "another ending than .csv or .parquet"), ("groups.csv", "of another result")],
)
def test_a_name_that_cannot_be_is_refused(table, tmp_path, name, says):
    arguments = [table, "--column", "x", "--by", "key", "--distribution", name]
    assert says in refusal(command(tmp_path, *arguments))
