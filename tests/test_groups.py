"""Groups, several columns, and some of the rows only: the oracle's, however cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import pipeline
from pipeline.errors import InputError
from pipeline.formats.query import Condition, Key, Query, parse_time
from pipeline.partitions.planning import MergePlan
from pipeline.report.group_files import group_file
from pipeline.statistics.divisions import Divisions
from tests import oracle
from tests.clusters import local
from tests.hard_rows import (
    PARTITIONS,
    ROWS,
    TIMES,
    WINDOW,
    ask,
    by_key,
    expect,
    numbers,
    same,
    text,
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
        ({"where": (Condition.parse("t=2019,2020"),)}, "compares a time with several"),
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
        (lambda: Query(("x",), max_groups=0), "--max-groups must be 1 or more"),
        (lambda: Key.parse("t:fortnight"), "names no unit of time"),
        (lambda: parse_time("t"), "--time 't' cannot be read"),
        (lambda: Condition.parse("nothing"), "cannot be read"),
        (lambda: Condition.parse("=1"), "cannot be read"),
        (lambda: Condition.parse("x<1,2"), "takes one"),
    ],
)
def test_a_question_without_meaning_is_refused(make, words):
    """Before a file is opened."""
    with pytest.raises(InputError, match=words):
        make()


def test_a_condition_that_no_cell_can_meet_is_refused(table):
    """A text that the file's encoding has not."""
    with pytest.raises(InputError, match="--where 'key'='\u03a9' is not in the encoding 'latin-1'"):
        pipeline.describe(table, column="x", where="key=\u03a9", encoding="latin-1")


def test_keys_of_another_encoding_and_none_at_all(client, tmp_path):
    """Latin-1 becomes UTF-8; bytes that are not UTF-8 come out as they went in."""
    path = tmp_path / "latin.csv"
    path.write_bytes("key,t,x\nBogotá,,1\nBogotá,,3\n".encode("latin-1"))
    result = pipeline.describe(path, column="x", by="key", encoding="latin-1", client=client)
    assert list(result.groups) == ["Bogotá"]
    outcome = ask(client, path, by=(Key("key"),))
    assert outcome.groups is not None
    assert b"Bogot\xe1,2" in b"".join(group_file(outcome, outcome.groups, "csv"))


def test_a_doubled_quote_in_a_key_is_one_whatever_blanks_stand_around_it(client, tmp_path):
    """Outside the quotes, and within."""
    path = tmp_path / "quotes.csv"
    path.write_text('key,x\n"say ""so""",1\n" say ""so""",2\n "say ""so"" ",3\n" """,4\n')
    result = pipeline.describe(path, column="x", by="key", client=client)
    assert {key: one.count for key, one in result.groups.items()} == {'say "so"': 3, '"': 1}


def test_groups_are_counted_over_all_parts(client, tmp_path):
    """Each partition, and each part, has fewer than there may be."""
    path = tmp_path / "many.csv"
    path.write_text("key,t,x\n" + "".join(f"{i},,1\n" for i in range(40)))
    plan = lambda *_: MergePlan(Divisions(groups=8), None, None, 30)  # noqa: E731
    with pytest.raises(InputError, match="more than 30 groups"):
        ask(client, path, plan=plan, cut=8, by=(Key("key"),), max_groups=30)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_table_without_rows_has_no_groups(kind, client, tmp_path):
    """The file has its columns all the same."""
    path = tmp_path / "empty.csv"
    path.write_text("key,t,x\n")
    outcome = ask(client, path, by=(Key("key"),))
    assert outcome.groups is not None
    data = b"".join(group_file(outcome, outcome.groups, kind))
    (tmp_path / kind).write_bytes(data)
    frame = pd.read_csv(tmp_path / kind) if kind == "csv" else pd.read_parquet(tmp_path / kind)
    assert frame.shape[0] == 0
    assert list(frame.columns)[:2] == ["key", "count"]


def test_percentiles_of_many_digits_are_those_of_python(client, tmp_path):
    """Their ranks are no products of 64 bits: groups are finished one by one."""
    path = tmp_path / "digits.csv"
    path.write_text("key,x\n" + "".join(f"{i % 3},{i * i % 97}\n" for i in range(99)))
    odd = 1e-20
    result = pipeline.describe(path, column="x", by="key", percentiles=(odd,), client=client)
    for key, group in result.groups.items():
        alone = pipeline.describe(
            path, column="x", where=f"key={key}", percentiles=(odd,), client=client
        )
        assert group.percentiles == alone.percentiles
