"""`--column '*'`: every column that holds numbers and no other text, by all of its cells."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pipeline
from pipeline.errors import InputError
from pipeline.formats.query import ALL, Key, Query
from tests.clusters import local
from tests.commands import command, refusal
from tests.hard_rows import ROWS, ask, expect, same, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distributed import Client

pytestmark = pytest.mark.filterwarnings("ignore:left out")

CELLS = st.sampled_from(["", "NA", "1", "2.5", "-3e2", "x", "0x10", "1_0"])
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=30)
)
TEXTS = {"x", "0x10", "1_0"}
GAPS = {"", "NA"}


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with local(2) as client:
        yield client


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(TABLES, st.integers(1, 9))
def test_a_column_is_described_if_all_its_cells_are_numbers_or_missing(
    client, tmp_path, rows, partitions
):
    """One text anywhere leaves it out; so does not a single number."""
    path = tmp_path / "table.csv"
    names = [f"c{i}" for i in range(len(rows[0]))]
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([["id", *names], *(["1", *row] for row in rows)])
    wanted = {
        name
        for name, cells in zip(names, zip(*rows, strict=True), strict=True)
        if not TEXTS & set(cells) and set(cells) - GAPS
    }
    found = pipeline.describe(path, column="*", partitions=partitions, client=client)
    assert set(found) == {"id", *wanted}
    for name in wanted:
        assert found[name] == pipeline.describe(path, column=name, client=client)


@pytest.mark.parametrize("cut", [1, 2, 64])
def test_by_group_too(client, tmp_path, cut):
    """The groups of the columns that are left, whatever is left out."""
    outcome = ask(client, write(tmp_path / "t.csv"), cut=cut, columns=(ALL,), by=(Key("key"),))
    assert [result.source.column for result in outcome.results] == ["x", "y"]
    assert outcome.left_out == ("key", "t")
    for i, result in enumerate(outcome.results):
        same(result, expect(ROWS, 2 + i))
        assert result.groups is not None
        same(result.groups["half"], expect([row for row in ROWS if row[0] == "half"], 2 + i))


def test_what_is_left_out_is_named(tmp_path):
    """On the terminal and in the file, though one column is left."""
    path = tmp_path / "table.csv"
    path.write_text("a,b,c\n1,x,\n2,3,\n", encoding="utf-8")
    done = command(tmp_path, path, "--column", "*", "--output", tmp_path)
    assert "left out, for they hold no numbers: b, c" in done.stderr
    found = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert (list(found["columns"]), found["left_out"]) == (["a"], ["b", "c"])


def test_a_row_that_is_skipped_leaves_no_column_out(tmp_path):
    """A row with too few fields is counted as invalid, and says nothing of the columns."""
    path = tmp_path / "table.csv"
    path.write_text("a,b\n1,2\n3\n4,5\n", encoding="utf-8")
    found = pipeline.describe(path, column="*", on_invalid="skip", workers=1)
    assert {name: (one.count, one.invalid) for name, one in found.items()} == {
        "a": (2, 1),
        "b": (2, 1),
    }


def test_without_a_header_columns_go_by_their_numbers(tmp_path):
    """Of one file and of several."""
    paths = [tmp_path / name for name in ("a.csv", "b.csv")]
    for path in paths:
        path.write_text("1,x,2\n3,4,5\n", encoding="utf-8")
    for some in (paths[:1], paths):
        found = pipeline.describe(some, column="*", header=False, workers=1)
        assert list(found) == ["1", "3"]


def test_the_first_file_names_the_columns(tmp_path):
    """A text in any of the files leaves a column out."""
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text("a,b\n1,2\n", encoding="utf-8")
    second.write_text("b,a\nx,3\n", encoding="utf-8")
    found = pipeline.describe([first, second], column="*", workers=1)
    assert {name: one.sum for name, one in found.items()} == {"a": 4.0}


def test_parquet_columns_are_read_as_the_csv_file_they_come_from(tmp_path):
    """Text that holds numbers is numbers there, too."""
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "t.parquet"
    columns = {"a": [1.5, None], "b": ["007", ""], "c": ["x", "1"], "d": [1, 2]}
    pq.write_table(pa.table(columns), path)
    found = pipeline.describe(path, column="*", workers=1)
    assert {name: one.sum for name, one in found.items()} == {"a": 1.5, "b": 7.0, "d": 3.0}


def test_no_column_of_numbers_is_refused(tmp_path):
    """In one sentence."""
    path = tmp_path / "t.csv"
    path.write_text("a,b\nx,y\n", encoding="utf-8")
    told = refusal(command(tmp_path, path, "--column", "*"))
    assert told == f"{path} has no column that holds numbers alone"


def test_all_columns_and_one_more_is_refused():
    """The star stands for all of them."""
    with pytest.raises(InputError, match="stands for all columns"):
        Query((ALL, "x"))


def test_files_with_other_columns_are_refused(tmp_path):
    """In whichever order: no column is left out unsaid, or looked for in vain."""
    few, many = tmp_path / "few.csv", tmp_path / "many.csv"
    few.write_text("id,x\n1,2\n")
    many.write_text("x,id,z\n1,2,3\n")
    for paths in ([few, many], [many, few]):
        with pytest.raises(InputError, match="only one of them has 'z'"):
            pipeline.describe(paths, column="*", workers=1)
