"""Several files as one table, and what the command and the library make of groups."""

from __future__ import annotations

import csv
import io
import json
import os
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import pipeline
from pipeline.errors import InputError
from pipeline.formats.query import Key
from pipeline.report.group_files import group_file
from tests.clusters import local
from tests.commands import command, refusal
from tests.hard_rows import (
    NAMES,
    PARTITIONS,
    ROWS,
    TIMES,
    WINDOW,
    ask,
    expect,
    numbers,
    same,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from distributed import Client


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> Path:
    return write(tmp_path_factory.mktemp("rows") / "hard.csv")


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with local(2) as client:
        yield client


@pytest.fixture(scope="module")
def years(tmp_path_factory) -> list[Path]:
    """The rows in four files: one without rows, one Parquet, columns in another order."""
    folder = tmp_path_factory.mktemp("years")
    bounds = [(0, 400), (400, 400), (400, 1100), (1100, len(ROWS))]
    paths = []
    for i, (start, stop) in enumerate(bounds):
        order = (2, 0, 3, 1) if i == 3 else (0, 1, 2, 3)
        path = folder / f"part {i}.csv"
        if i == 2:
            path = path.with_suffix(".parquet")
            columns: dict[str, Any] = {
                name: [row[k] for row in ROWS[start:stop]] for k, name in enumerate(NAMES)
            }
            for name in ("x", "y"):
                columns[name] = [float(c) if c not in ("", "NA") else None for c in columns[name]]
            pq.write_table(pa.table(columns), path, row_group_size=100)
        else:
            write(path, ROWS[start:stop], order)
        paths.append(path)
    return paths


@pytest.mark.parametrize("cut", PARTITIONS)
def test_many_files_are_one_table(table, years, client, cut):
    """Statistics of the whole and of groups, windows across the files, CSV beside Parquet."""
    asked: dict[str, Any] = {"by": (Key("key"), Key("t", "month")), "columns": ("x", "y")}
    one, many = ask(client, table, **asked), ask(client, *years, cut=cut, **asked)
    for whole, parts in zip(one.results, many.results, strict=True):
        assert parts.statistics() == whole.statistics()
    assert one.groups is not None
    assert many.groups is not None
    found = list(group_file(many, many.groups, "csv"))
    assert found == list(group_file(one, one.groups, "csv"))


def test_one_column_of_many_files(table, years, client):
    """The simplest case of several files."""
    assert ask(client, *years, cut=9).result.statistics() == ask(client, table).result.statistics()


def test_the_file_is_a_key(years, client):
    """By its name, without the folder."""
    groups = ask(client, *years, by=(Key("file"),)).result.groups
    assert groups is not None
    assert list(groups) == ["part 0.csv", "part 2.parquet", "part 3.csv"]
    same(groups["part 2.parquet"], expect(ROWS[400:1100], 2))


def test_a_problem_in_a_later_file_is_told_with_its_line(years, client, tmp_path):
    """File, line, reason."""
    bad = tmp_path / "bad.csv"
    bad.write_text("key,t,x,y\na,2019-01-01 00:00,1,1\nb,2019-01-01 00:00,s/d,1\n")
    with pytest.raises(InputError, match=r"bad\.csv: line 3 .* has 's/d' in column 'x'"):
        ask(client, *years, bad, columns=("x", "y"), cut=5)


def test_the_library_returns_groups_and_frames(table, client):
    """`describe(by=...)`: a mapping from key to Result, and a pandas DataFrame."""
    found = pipeline.describe(
        *(table,),
        column=["x", "y"],
        by=["key", "t:year"],
        time=TIMES,
        window=WINDOW,
        client=client,
    )
    assert list(found) == ["x", "y"]
    frame = found["x"].to_frame()
    assert frame.index.names == ["key", "t:year"]
    assert frame.loc[("the end", "2020"), "mean"] == 7.5
    assert found["x"].groups[("the end", "2020")].mean == 7.5
    assert found["y"].groups[("half", "2019")].to_frame().loc["y", "p50"] == 0.0


def test_the_command_writes_groups_that_can_be_read_again(table, tmp_path):
    """`groups.csv` is tidy and an input; `groups.parquet` holds the same; sorted on request."""
    asked = [table, "--column", "x", "--by", "key,t:year", "--time", "t=%Y-%m-%d %H:%M"]
    done = command(tmp_path, *asked, "--output", tmp_path / "a", "--partitions", 7)
    assert done.returncode == 0, done.stderr
    with (tmp_path / "a" / "groups.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0])[:3] == ["key", "t:year", "count"]
    assert {"mean", "p10", "p90", "moving_variance_sum"} <= rows[0].keys()
    done = command(
        *(tmp_path, *asked), "--output", tmp_path / "b", "--format", "parquet", "--sort", "--json"
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["count"] == len(numbers(ROWS, 2))
    parquet = pq.read_table(tmp_path / "b" / "groups.parquet").to_pylist()
    keys = [(row["key"], row["t:year"]) for row in parquet]
    assert keys == sorted((row["key"], row["t:year"]) for row in rows)
    means = {(row["key"], row["t:year"]): row["mean"] for row in rows}
    assert all(means[row["key"], row["t:year"]] == repr(row["mean"]) for row in parquet)
    again = pipeline.describe(tmp_path / "a" / "groups.csv", column="count", workers=1)
    assert again.count == len(rows)


def test_several_columns_are_written_under_their_names(table, tmp_path):
    """In `results.json` and in `combined_results.csv`."""
    done = command(
        tmp_path, table, "--column", "x", "--column", "y", "--output", tmp_path, "--json"
    )
    assert done.returncode == 0, done.stderr
    whole = json.loads((tmp_path / "results.json").read_text("utf-8"))
    assert list(whole["columns"]) == ["x", "y"]
    assert done.stdout == (tmp_path / "results.json").read_text("utf-8")
    text = (tmp_path / "combined_results.csv").read_text("utf-8")
    assert [row["column"] for row in csv.DictReader(io.StringIO(text))] == ["x", "y"]


def test_patterns_stand_for_files_in_order(years, tmp_path):
    """Sorted by name; one that matches nothing is refused."""
    done = command(
        tmp_path, years[0].parent / "part *", "--column", "x", "--output", tmp_path, "--json"
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["count"] == len(numbers(ROWS, 2))
    done = command(tmp_path, tmp_path / "nothing*.csv", "--column", "x")
    assert "matches no file" in refusal(done)


def test_files_may_have_further_columns(years, client, tmp_path):
    """Columns are found by name in each; one that a file has not is refused with that file."""
    more, few = tmp_path / "more.csv", tmp_path / "few.csv"
    more.write_text("z,y,x,key\n9,1,2,a\n")
    few.write_text("key,y\na,1\n")
    same(ask(client, more, *years).result, expect([["a", "", "2", "1"], *ROWS], 2))
    for asked in ({"columns": ("y", "x")}, {"columns": ("y",), "by": (Key("x"),)}):
        with pytest.raises(InputError, match=r"few\.csv has no column 'x'; it has 'key', 'y'"):
            ask(client, *years, few, **asked)


def test_a_file_that_is_named_twice_is_told(tmp_path, monkeypatch):
    """However it is named; it is read as often."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "a.csv"
    path.write_text("x\n1\n")
    with pytest.warns(UserWarning, match=r"a\.csv is named 2 times, and read as often"):
        assert pipeline.describe(["a.csv", path], column="x", workers=1).count == 2


def test_a_pipe_among_files_is_refused(years, client, tmp_path):
    """At once, for it has no parts."""
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    with pytest.raises(InputError, match=r"pipe\.csv is a pipe .* copy it to a file"):
        ask(client, years[0], pipe, years[3])
