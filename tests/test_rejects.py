"""What is skipped is listed: each cell and row, in file order, however the file is cut."""

from __future__ import annotations

import csv
import gzip
import io
from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pipeline
from pipeline.errors import InputError
from pipeline.formats.query import Condition, Key
from pipeline.formats.rejects import NONE, SHOWN_BYTES, RejectLog, Rejects
from pipeline.partitions.planning import MergePlan
from pipeline.reject import Reject
from pipeline.report.texts import rejects_csv
from pipeline.statistics.divisions import Divisions
from tests.clusters import local
from tests.commands import command, refusal
from tests.hard_rows import ask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from distributed import Client

NUMBER, TIME = "no finite number", "no time in the layout of --time"
ODD = 'q ""uo"" te, and\nmore'


def _rows() -> Iterator[tuple[bytes, list[tuple[str, str, str]]]]:
    """Yield rows of the columns key, t, x and y, and what is listed of each."""
    for i in range(200):
        yield b"k%d,2019-03-07 10:00,%d.5,1\n" % (i % 3, i), []
        if i % 20 == 1:
            yield b"k,2019-03-07 10:00,s/d,1\n", [("x", NUMBER, "s/d")]
            yield b"k,2019-03-07 10:00,inf,1e999\n", [("x", NUMBER, "inf"), ("y", NUMBER, "1e999")]
        if i % 50 == 7:
            yield b"short,1\n", [("", "2 fields, not 4", "short,1")]
            yield b"k,never,s/d,1\n", [("t", TIME, "never")]
            yield (
                b'k,2019-03-07 10:00,"%s",1\r\n' % ODD.encode(),
                [("x", NUMBER, ODD.replace('""', '"'))],
            )
            yield (
                b"k,2019-03-07 10:00,\xff%s,1\n" % (b"z" * 2000),
                [("x", NUMBER, "\\xff" + "z" * (SHOWN_BYTES - 1) + "…")],
            )


def _whole() -> tuple[bytes, list[tuple[int, str, str, str]]]:
    text, listed = b"key,t,x,y\n", []
    for row, rejects in _rows():
        listed += [(len(text), *one) for one in rejects]
        text += row
    return text, listed


TEXT, LISTED = _whole()
ASKED: dict[str, Any] = {
    "columns": ("x", "y"),
    "by": (Key("key"), Key("t", "month")),
    "on_invalid": "skip",
    "max_rejects": 1000,
}


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with local(2) as client:
        yield client


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "x.csv"
    path.write_bytes(TEXT)
    return path


@pytest.mark.parametrize("cut", [1, 2, 7, 300, 3000])
def test_each_cell_and_row_is_listed_however_the_file_is_cut(client, path, cut):
    """With file, byte, column, reason and text; as many as are counted as invalid."""
    outcome = ask(client, path, cut=cut, **ASKED)
    assert outcome.rejects == Rejects(
        1000, tuple(Reject(str(path), *one) for one in LISTED), len(LISTED)
    )
    rows = sum(column in ("", "t") for _, column, *_ in LISTED)
    invalid = [rows + sum(column == name for _, column, *_ in LISTED) for name in ("x", "y")]
    assert [result.invalid for result in outcome.results] == invalid


@pytest.mark.parametrize("most", [1, 3, len(LISTED) - 1])
@pytest.mark.parametrize("cut", [1, 40])
def test_the_first_are_kept_and_all_are_counted(client, path, cut, most):
    outcome = ask(client, path, cut=cut, **ASKED | {"max_rejects": most})
    assert outcome.rejects is not None
    assert [one[1:] for one in outcome.rejects.first] == LISTED[:most]
    assert outcome.rejects.count == len(LISTED)


def test_rows_that_are_not_asked_for_are_not_listed(client, path):
    """Neither those that a condition leaves out nor values out of range."""
    chosen = ASKED | {"where": (Condition.parse("key!=k"),), "valid_range": (0.0, 1.0)}
    outcome = ask(client, path, cut=9, **chosen)
    assert outcome.rejects is not None
    assert {one.column for one in outcome.rejects.first} == {""}


def test_many_files_compressed_ones_and_parquet(client, path, tmp_path):
    """In the order of the files; a place is that in the text, or the row's number."""
    packed, stored = tmp_path / "packed.csv.gz", tmp_path / "stored.parquet"
    packed.write_bytes(gzip.compress(TEXT))
    columns = {
        "key": ["k", "k", "k"],
        "t": ["2019-03-07 10:00", "no", "2019-03-07 10:00"],
        "x": [1.0, 2.0, float("inf")],
        "y": [1.0, 2.0, float("-inf")],
    }
    pq.write_table(pa.table(columns), stored)
    outcome = ask(client, path, packed, stored, cut=5, **ASKED)
    assert outcome.rejects is not None
    assert [tuple(one) for one in outcome.rejects.first] == [
        *((str(path), *one) for one in LISTED),
        *((str(packed), *one) for one in LISTED),
        (str(stored), 2, "t", TIME, "no"),
        (str(stored), 3, "x", NUMBER, "inf"),
        (str(stored), 3, "y", NUMBER, "-inf"),
    ]


@pytest.mark.parametrize("cut", [1, 9])
def test_the_list_is_the_same_however_values_and_groups_are_merged(client, path, cut):
    """In lanes of groups and ranges of values, and after a run that began again."""
    divisions = Divisions(((50.0,), (1.0,)), 3)
    for plan in (MergePlan(divisions, None, None, 100), MergePlan(distinct_limit=20)):
        planned = replace(plan, max_groups=100)
        outcome = ask(client, path, cut=cut, plan=lambda *_, p=planned: p, **ASKED)
        assert outcome.rejects is not None
        assert [one[1:] for one in outcome.rejects.first] == LISTED
        assert outcome.rejects.count == len(LISTED)


def test_a_row_that_a_condition_cannot_judge_is_listed_once(client, path):
    """Under the column that could not be compared; it is invalid in every column."""
    chosen = ASKED | {"where": (Condition.parse("x>=0"), Condition.parse("y<=1e9"))}
    outcome = ask(client, path, cut=9, **chosen)
    assert outcome.rejects is not None
    rows = {at: (column, reason, text) for at, column, reason, text in reversed(LISTED)}
    # Conditions on numbers come before times.
    listed = [
        (at, *(("x", NUMBER, "s/d") if what[2] == "never" else what))
        for at, what in (sorted(rows.items()))
    ]
    assert [one[1:] for one in outcome.rejects.first] == listed
    assert {result.invalid for result in outcome.results} == {len(listed)}


def test_the_library_returns_the_list(path):
    """With each column's result; where nothing is skipped, there is no list."""
    asked: dict[str, Any] = {"column": ["x", "y"], "workers": 1, "partitions": 3}
    with pytest.warns(UserWarning, match="more cells and rows were skipped than"):
        found = pipeline.describe(path, on_invalid="skip", max_rejects=3, **asked)
    listed = [one for one in LISTED if one[1] != "t"]
    for result in found.values():
        assert [tuple(one) for one in result.rejects] == [(str(path), *one) for one in listed[:3]]
    assert (
        found["x"].to_json() == pipeline.describe(path, on_invalid="skip", **asked)["x"].to_json()
    )
    with pytest.raises(InputError, match="say --on-invalid skip, too"):
        pipeline.describe(path, max_rejects=3, **asked)
    with pytest.raises(InputError, match="must be 0 or more"):
        pipeline.describe(path, on_invalid="skip", max_rejects=-1, **asked)


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_a_long_row_is_cut_between_characters(client, tmp_path, end):
    """And ends with an ellipsis; the end of a row is no part of it, that of a line within is."""
    rows = [
        b"a" + "é".encode() * SHOWN_BYTES,
        b'"' + b"b" * 1022 + b"\n" + b'c"',
        b"d" * SHOWN_BYTES,
    ]
    path = tmp_path / "long.csv"
    path.write_bytes(b"x,y\n" + b"\n".join(rows) + end)
    outcome = ask(client, path, on_invalid="skip", max_rejects=9, times={})
    assert outcome.rejects is not None
    assert [one.text for one in outcome.rejects.first] == [
        "a" + "é" * 511 + "…",
        '"' + "b" * 1022 + "\n…",
        "d" * SHOWN_BYTES,
    ]


PARTS = st.lists(st.lists(st.integers(0, 30), max_size=8), min_size=1, max_size=5)


@given(PARTS, st.integers(1, 6))
def test_rejects_are_a_monoid(parts, most):
    """What neighbours keep is what the whole would keep, in whatever order they are merged."""

    def of(offsets: list[int]) -> Rejects:
        log = RejectLog("f", "utf-8", most)
        for offset in offsets:
            log.add(offset, "x", NUMBER, b"")
        return log.total()

    states = [of([i * 100 + offset for offset in part]) for i, part in enumerate(parts)]
    whole = of([i * 100 + offset for i, part in enumerate(parts) for offset in part])
    assert reduce(Rejects.merge, states) == whole
    assert reduce(lambda right, left: left.merge(right), reversed(states)) == whole
    assert NONE.merge(whole) == whole.merge(NONE) == whole


@given(st.lists(st.text(max_size=20), max_size=5))
def test_any_text_can_be_read_again(texts):
    rejects = Rejects(9, tuple(Reject("f", 1, "x", NUMBER, text) for text in texts))
    rows = list(csv.reader(io.StringIO(rejects_csv(rejects), newline="")))
    assert rows == [list(Reject._fields), *(["f", "1", "x", NUMBER, text] for text in texts)]


def test_the_command_writes_the_list_and_counts_the_rest(path, tmp_path):
    asked = [path, "--column", "x", "--on-invalid", "skip", "--rejects", "rejects.csv"]
    done = command(tmp_path, *asked, "--max-rejects", 3, "--output", "out")
    assert done.returncode == 0, done.stderr
    assert f"{tmp_path}/out/rejects.csv" not in done.stdout
    assert "written: out/rejects.csv" in done.stdout
    assert "more cells and rows were skipped than --max-rejects keeps" in done.stderr
    with (tmp_path / "out" / "rejects.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    listed = [at for at, column, *_ in LISTED if column in ("", "x")]
    assert [int(row["offset"]) for row in rows] == listed[:3]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--rejects", "r.csv"], "say --on-invalid skip, too"),
        (["--rejects", "r.txt", "--on-invalid", "skip"], "another ending than .csv"),
        (["--rejects", "results.csv/r.csv", "--on-invalid", "skip"], "does not lie in the folder"),
        (["--rejects", "combined_results.csv", "--on-invalid", "skip"], "name of another result"),
    ],
)
def test_what_cannot_be_is_refused(path, tmp_path, arguments, says):
    assert says in refusal(command(tmp_path, path, "--column", "x", *arguments))
