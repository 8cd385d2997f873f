"""One table of the statistics: the fields of `Result` are its rows, and every output shows each."""

from __future__ import annotations

import csv
import json
from dataclasses import fields, replace
from html import escape

import numpy as np
import pytest

from pipeline.cli.terminal import show
from pipeline.formats.partition import Partition
from pipeline.partitions.segment import PartitionResult
from pipeline.report.files import contents, write
from pipeline.request import Outcome
from pipeline.statistics.finish import finish
from pipeline.statistics.result import STATISTICS, Result, Source
from pipeline.statistics.summary import summarise

RESULT = finish(
    summarise(np.arange(12_000) / 8, 1_000), (2.5, 50), Source("test.csv", 99, "x", 1_000)
)


def test_every_field_of_a_result_but_what_it_is_of_is_a_row():
    """No statistic is shown by one output and unknown to another."""
    assert [*STATISTICS, "source", "groups", "rejects", "figures"] == [
        field.name for field in fields(Result)
    ]


@pytest.mark.parametrize("name", STATISTICS)
def test_a_row_says_what_its_statistic_is(name):
    """The definition is one sentence, and `help(Result)` holds it with the unit."""
    statistic = STATISTICS[name]
    assert statistic.title
    assert statistic.definition[0].isupper()
    assert not statistic.definition.endswith(".")
    text = " ".join((Result.__doc__ or "").split())
    assert f"{name} (" in text
    assert f", {statistic.unit.value}): {statistic.definition}." in text


def test_every_row_has_a_place_of_its_own():
    """A reader's table is sorted by it."""
    assert len({statistic.place for statistic in STATISTICS.values()}) == len(STATISTICS)


def test_every_file_has_all_statistics(tmp_path):
    """`results.json` and `partitions.csv` hold each under its name, the percentiles too."""
    partial = PartitionResult(Partition(10, 99), (RESULT,))
    write(contents(Outcome((RESULT,), (partial,))), tmp_path)
    found = json.loads((tmp_path / "results.json").read_text("utf-8"))
    assert list(found) == [*STATISTICS, "source"]
    assert found["percentiles"] == {"2.5": RESULT.percentiles[2.5], "50": RESULT.percentiles[50]}
    with (tmp_path / "partitions.csv").open(newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert list(row) == ["start", "stop", *STATISTICS]
    assert (row["start"], row["stop"], row["mean"]) == ("10", "99", repr(RESULT.mean))


def test_the_terminal_shows_all_statistics(capsys):
    """Each has a line: counts with commas, numbers in full, a line for each percentile."""
    show(Outcome((RESULT,)), [], as_json=False)
    text = capsys.readouterr().out
    for statistic in STATISTICS.values():
        assert statistic.title.format(window=1_000) in text
    for words in ("12,000", repr(RESULT.variance), "percentile 2.5", "windows of 1,000"):
        assert words in text


def test_what_is_undefined_is_called_so(capsys):
    """A column without values has no mean: null, an empty cell, and a word on the terminal."""
    empty = finish(summarise(np.empty(0), 3), (50,), Source("test.csv", 0, "x", 3))
    assert json.loads(empty.to_json())["mean"] is None
    assert empty.to_csv().splitlines()[1].startswith(",")
    show(Outcome((empty,)), [], as_json=False)
    assert "undefined" in capsys.readouterr().out


def test_a_notebook_shows_all_statistics():
    """With their definitions, as the terminal shows them; what a file is called does no harm."""
    page = replace(RESULT, source=Source("<b>.csv", 1, "x&y", 500), mean=None)._repr_html_()
    assert "&lt;b&gt;.csv: x&amp;y" in page
    assert page.count("<tr>") == len(STATISTICS) + len(RESULT.percentiles)
    assert f'<td style="text-align:right">{RESULT.max!r}</td>' in page
    assert "undefined" in page
    assert all(escape(one.definition) in page for one in STATISTICS.values())


def test_a_table_of_groups_says_how_many_there_are():
    """And where to find them."""
    page = replace(RESULT, groups={"a": RESULT, "b": RESULT})._repr_html_()
    assert "; 2 groups in .groups and .to_frame()" in page
