"""By group, several columns and files, and only some of the rows: the oracle's, however cut."""

from __future__ import annotations

import csv
import io
import json
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import pipeline
from pipeline.engine.connect import borrow
from pipeline.engine.observer import Observer
from pipeline.errors import InputError
from pipeline.formats.query import Condition, Key, Query
from pipeline.formats.read_options import ReadOptions
from pipeline.partitions.cutting import Partitioning
from pipeline.partitions.planning import MergePlan
from pipeline.report.texts import groups_file
from pipeline.request import Request
from pipeline.run import run
from pipeline.statistics.divisions import Divisions
from pipeline.statistics.options import StatisticsOptions
from tests import oracle
from tests.clusters import local
from tests.commands import command, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from distributed import Client

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


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("rows") / "hard.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["key", "t", "x", "y"])
        writer.writerows(ROWS)
    return path


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with local(2) as client:
        yield client


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
    return found if groups is None else found + groups_file(outcome, groups, "csv").decode()


def numbers(rows: list[list[str]], column: int) -> list[float]:
    return [float(row[column]) for row in rows if row[column] not in ("", "NA")]


def expect(rows: list[list[str]], column: int) -> dict[str, Any]:
    found = oracle.expected(numbers(rows, column), window=WINDOW)
    missing = len(rows) - len(numbers(rows, column))
    return found | {"missing": missing}


def same(result: pipeline.Result, expected: dict[str, Any]) -> None:
    found = result.statistics()
    assert {name: found[name] for name in expected} == expected


def by_key(key: Any) -> dict[Any, list[list[str]]]:
    groups: dict[Any, list[list[str]]] = {}
    for row in ROWS:
        groups.setdefault(key(row), []).append(row)
    return groups


@pytest.mark.parametrize("cut", PARTITIONS)
@pytest.mark.parametrize("lanes", [0, 1, 5])
def test_each_group_is_the_oracles(table, client, cut, lanes):
    """In the order in which groups appear: hard keys, long ones, one that comes last."""
    plan = lambda *_: MergePlan(Divisions(groups=lanes), None, None, 100)  # noqa: E731
    outcome = ask(client, table, plan=plan, cut=cut, by=(Key("key"),), columns=("x", "y"))
    expected = by_key(lambda row: row[0].strip())
    for i, result in enumerate(outcome.results):
        same(result, expect(ROWS, 2 + i))
        assert result.groups is not None
        assert list(result.groups) == list(expected)
        for key, rows in expected.items():
            same(result.groups[key], expect(rows, 2 + i))


def test_the_same_bytes_however_it_is_cut(table, client):
    """Groups, and the whole, over partitions, lanes of groups and ranges of values."""
    asked: dict[str, Any] = {"by": (Key("key"), Key("t", "month")), "columns": ("x", "y")}
    whole = text(ask(client, table, **asked))
    for cut in PARTITIONS[1:]:
        assert text(ask(client, table, cut=cut, **asked)) == whole
    divisions = Divisions(((5.0, 20.0), (0.0,)), 3)
    plan = lambda *_: MergePlan(divisions, None, None, 1000)  # noqa: E731
    assert text(ask(client, table, cut=7, plan=plan, **asked)) == whole


def test_a_run_that_meets_too_many_entries_begins_again_in_parts(table, client):
    """Where the look told of few groups and there are many."""
    asked = {"by": (Key("key"), Key("t", "day"))}
    plan = lambda *_: MergePlan(distinct_limit=40, max_groups=10_000)  # noqa: E731
    again = ask(client, table, cut=7, plan=plan, **asked)
    assert text(again) == text(ask(client, table, **asked))


@pytest.mark.parametrize(
    ("unit", "key"),
    [
        ("year", lambda t: t[:4]),
        ("month", lambda t: t[:7]),
        ("day", lambda t: t[:10]),
        ("hour", lambda t: t[:10] + "T" + t[11:13]),
        ("month-of-year", lambda t: t[5:7]),
        ("hour-of-day", lambda t: t[11:13]),
    ],
)
def test_times_are_grouped_by_their_units(table, client, unit, key):
    """The key is the ISO 8601 text of the unit."""
    result = ask(client, table, cut=7, by=(Key("t", unit),)).result
    assert result.groups is not None
    expected = by_key(lambda row: key(row[1]))
    assert list(result.groups) == list(expected)
    for name, rows in expected.items():
        same(result.groups[name], expect(rows, 2))


CONDITIONS = {
    "key=half": lambda row: row[0] == "half",
    "key=half,0068": lambda row: row[0] in ("half", "0068"),
    "key!=half": lambda row: row[0] != "half",
    "key=": lambda row: row[0] == "",
    "x<10.5": lambda row: row[2] != "" and float(row[2]) < 10.5,
    "x<=10.5": lambda row: row[2] != "" and float(row[2]) <= 10.5,
    "x>10.5": lambda row: row[2] != "" and float(row[2]) > 10.5,
    "x>=10.5": lambda row: row[2] != "" and float(row[2]) >= 10.5,
    "t=2019-03": lambda row: row[1].startswith("2019-03"),
    "t!=2019": lambda row: not row[1].startswith("2019"),
    "t<2019-03-05": lambda row: row[1] < "2019-03-05",
    "t>2019-03": lambda row: row[1] >= "2019-04",
    "t<=2019-03-05 10:00": lambda row: row[1] <= "2019-03-05 10:00",
    "t>=2019-12": lambda row: row[1] >= "2019-12",
}


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("cut", [1, 64])
def test_a_condition_leaves_a_file_without_the_other_rows(table, client, condition, cut):
    """Windows too run over the rows that are left; the others are counted."""
    kept = [row for row in ROWS if CONDITIONS[condition](row)]
    asked: dict[str, Any] = {"where": (Condition.parse(condition),), "by": (Key("key"),)}
    result = ask(client, table, cut=cut, **asked).result
    same(result, expect(kept, 2) | {"filtered": len(ROWS) - len(kept)})
    assert list(result.groups or ()) == list(dict.fromkeys(row[0].strip() for row in kept))


def test_all_conditions_must_hold(table, client):
    """Of several."""
    chosen = [row for row in ROWS if row[0] == "half" and row[1] >= "2019-06"]
    where = tuple(map(Condition.parse, ("t>=2019-06", "key=half")))
    same(ask(client, table, cut=7, where=where).result, expect(chosen, 2))


def test_values_out_of_range_are_left_out_and_counted(table, client):
    """As if their cells were not there; the bounds belong to the range."""
    result = ask(client, table, cut=7, valid_range=(5.0, 20.0)).result
    inside = [x for x in numbers(ROWS, 2) if 5 <= x <= 20]
    same(result, oracle.expected(inside, window=WINDOW))
    assert result.out_of_range == len(numbers(ROWS, 2)) - len(inside)


def test_several_columns_are_what_each_is_alone(table, client):
    """One pass, the same bytes."""
    both = ask(client, table, cut=7, columns=("y", "x")).results
    alone = [ask(client, table, columns=(name,)).result for name in ("y", "x")]
    assert [one.to_json() for one in both] == [one.to_json() for one in alone]


@pytest.fixture(scope="module")
def years(tmp_path_factory) -> list[Path]:
    """The rows in four files: one without rows, one Parquet, columns in another order."""
    folder = tmp_path_factory.mktemp("years")
    names = ["key", "t", "x", "y"]
    bounds = [(0, 400), (400, 400), (400, 1100), (1100, len(ROWS))]
    paths = []
    for i, (start, stop) in enumerate(bounds):
        order = [2, 0, 3, 1] if i == 3 else [0, 1, 2, 3]
        path = folder / f"part {i}.csv"
        if i == 2:
            path = path.with_suffix(".parquet")
            columns: dict[str, Any] = {
                name: [row[k] for row in ROWS[start:stop]] for k, name in enumerate(names)
            }
            for name in ("x", "y"):
                columns[name] = [float(c) if c not in ("", "NA") else None for c in columns[name]]
            pq.write_table(pa.table(columns), path, row_group_size=100)
        else:
            with path.open("w", newline="", encoding="utf-8") as stream:
                writer = csv.writer(stream, lineterminator="\n")
                writer.writerow([names[k] for k in order])
                writer.writerows([row[k] for k in order] for row in ROWS[start:stop])
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
    found = groups_file(many, many.groups, "csv")
    assert found == groups_file(one, one.groups, "csv")


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


def test_rows_that_cannot_be_read_are_skipped_and_counted(client, tmp_path):
    """A cell that is no number, a row with too few fields, a time that is none."""
    path = tmp_path / "skip.csv"
    path.write_text(
        "key,t,x,y\na,2019-01-01 00:00,1,1\na,2019-01-01 00:00,no,2\na,1\na,2019-02-30 00:00,5,5\n"
        "b,2019-01-02 00:00,3,3\n"
    )
    for cut in (1, 3, 50):
        outcome = ask(
            *(client, path),
            by=(Key("key"), Key("t", "month")),
            columns=("x", "y"),
            cut=cut,
            on_invalid="skip",
        )
        assert [result.count for result in outcome.results] == [2, 3]
        assert [result.invalid for result in outcome.results] == [3, 2]
        groups = outcome.result.groups
        assert groups is not None
        assert {key: (one.count, one.invalid) for key, one in groups.items()} == {
            ("a", "2019-01"): (1, 1),
            ("b", "2019-01"): (1, 0),
        }


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"by": (Key("nokey"),)}, "has no column 'nokey'; it has 'key', 't', 'x', 'y'"),
        ({"by": (Key("t", "month"),), "times": TIMES | {"z": "%Y"}}, "has no column 'z'"),
        ({"where": (Condition.parse("x<abc"),)}, "compares with no number"),
        ({"where": (Condition.parse("t<soon"),)}, "compares with no time"),
        ({"by": (Key("t", "month"),), "times": {"t": "%d/%m/%Y"}}, "line 2 .*no time in the"),
        ({"by": (Key("key"),), "max_groups": 3}, r"more than 3 groups \(.* so far\)"),
        ({"columns": ("key", "x")}, "line 2 .*no number"),
    ],
)
def test_what_cannot_be_done_is_refused(table, client, asked, words):
    """In one sentence, with a remedy."""
    with pytest.raises(InputError, match=words):
        ask(client, table, cut=3, **asked)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Query(("x",), by=(Key("t", "month"),)), "needs to know how t writes times"),
        (lambda: Query(("x", "x")), "names a column twice"),
        (lambda: Query(("x",), by=(Key("a"), Key("a"))), "names a key twice"),
        (lambda: Query(("x",), valid_range=(2.0, 1.0)), "holds no number"),
        (lambda: Key.parse("t:fortnight"), "names no unit of time"),
        (lambda: Condition.parse("nothing"), "cannot be read"),
        (lambda: Condition.parse("=1"), "cannot be read"),
        (lambda: Condition.parse("x<1,2"), "takes one"),
    ],
)
def test_a_question_without_meaning_is_refused(make, words):
    """Before a file is opened."""
    with pytest.raises(InputError, match=words):
        make()


def test_keys_of_another_encoding_and_none_at_all(client, tmp_path):
    """Latin-1 becomes UTF-8; bytes that are not UTF-8 come out as they went in."""
    path = tmp_path / "latin.csv"
    path.write_bytes("key,t,x\nBogotá,,1\nBogotá,,3\n".encode("latin-1"))
    result = pipeline.describe(path, column="x", by="key", encoding="latin-1", client=client)
    assert list(result.groups) == ["Bogotá"]
    outcome = ask(client, path, by=(Key("key"),))
    assert outcome.groups is not None
    assert b"Bogot\xe1,2" in groups_file(outcome, outcome.groups, "csv")


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
