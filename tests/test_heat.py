"""Groups by place and time on the page: maps of completeness and of means."""

from __future__ import annotations

import shutil
from functools import partial

import pytest
from playwright.sync_api import sync_playwright

from pipeline.engine.connect import borrow
from pipeline.engine.observer import Observer
from pipeline.formats.query import Condition, Key, Query
from pipeline.partitions.cutting import Partitioning
from pipeline.report.page.heat import MOST_CELLS, heat_maps
from pipeline.report.page.numbers import Numbers
from pipeline.report.page.time_span import time_span
from pipeline.report.page.words import words
from pipeline.request import Request
from pipeline.run import run
from tests.pace import limit
from tests.test_page import DRAWN, html

TIMES = {"t": "%Y-%m-%d"}
STATION = Key("station")
MONTH = Key("t", "month")
LONG = "a station with a name that is long indeed"


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Two stations over three months, the second with gaps."""
    path = tmp_path_factory.mktemp("heat") / "heat.csv"
    rows = [f"a,2019-0{month}-01,{month}" for month in (1, 2, 3)]
    rows += [
        "a,2019-03-02,5",
        f"{LONG},2019-03-01,70",
        f"{LONG},2019-03-02,",
        f"{LONG},2019-01-01,",
    ]
    path.write_text("\n".join(["station,t,x", *rows, ""]))
    return path


def maps(path, client, *by, parts=1, lang="en"):
    asked = Query(("x",), by, times=TIMES if MONTH in by else {})
    request = Request((path,), asked, partitioning=Partitioning(parts), report=True)
    found = run(request, partial(borrow, client), Observer())
    assert found.groups is not None
    return heat_maps(found.groups, 0, found.keys, words(lang), Numbers.of(lang), "c1")


def drawn(picture):
    """Return what each cell of a map says: the row's label, the time, and the text."""
    (item,) = picture.items.values()
    found = []

    def search(value):
        if isinstance(value, dict):
            if {"group", "time", "text"} <= {str(key) for key, _ in value.get("entries", [])}:
                found.append(dict(value["entries"]))
            for one in value.values():
                search(one)
        elif isinstance(value, list):
            for one in value:
                search(one)

    search(item)
    (cells,) = found
    return set(zip(cells["group"], cells["time"], cells["text"], strict=True))


def test_each_group_has_its_place(table, client):
    """By station and month, in whichever order the keys were named and however it was read."""
    complete, means = maps(table, client, STATION, MONTH)
    short = f"{LONG[:27]}\u2026"
    assert drawn(complete) == {
        *(("a", f"2019-0{month}", "100.0\u00a0%") for month in (1, 2, 3)),
        (short, "2019-03", "50.0\u00a0%"),
        (short, "2019-01", "0.0\u00a0%"),
    }
    assert drawn(means) == {
        ("a", "2019-01", "1"),
        ("a", "2019-02", "2"),
        ("a", "2019-03", "4"),
        (short, "2019-03", "70"),
    }
    assert [one.name for one in (complete, means)] == ["c1-heat_complete", "c1-heat_mean"]
    assert complete.alt == "Completeness of 2 groups at 3 times, from 2019-01 to 2019-03."
    assert maps(table, client, MONTH, STATION, parts=4) == [complete, means]
    assert maps(table, client, STATION, MONTH, lang="es")[1].title == "Medias"


def test_there_is_none_without_a_place_and_a_time(table, client):
    """Stations alone, months alone, two units of time; nor where there is no row, or no value."""
    for by in ((STATION,), (MONTH,), (STATION, MONTH, Key("t", "year"))):
        assert maps(table, client, *by) == []
    empty = table.with_name("empty.csv")
    empty.write_text("station,t,x\n")
    assert maps(empty, client, STATION, MONTH) == []
    empty.write_text("station,t,x\na,2019-01-01,\n")
    assert drawn(maps(empty, client, STATION, MONTH)[1]) == set()


def test_of_many_rows_those_with_the_most_values_are_drawn(client, tmp_path):
    """So that a page stays small; the caption says so."""
    path = tmp_path / "many.csv"
    stations = MOST_CELLS // 2 + 500
    rows = [f"s{i},2019-0{1 + i % 2}-01,1" for i in range(stations)]
    path.write_text("\n".join(["station,t,x", *rows, *rows[-9:], ""]))
    complete, _ = maps(path, client, STATION, MONTH)
    assert "Shown are the 4,000 of 4,500 with the most values." in complete.caption
    labels = {group for group, *_ in drawn(complete)}
    assert len(labels) == MOST_CELLS // 2
    assert {f"s{i}" for i in range(stations - 9, stations)} < labels


def test_rows_are_sorted_and_the_first_month_of_a_year_is_called_so(client, tmp_path):
    """In whichever order the file has its stations; ticks stand where a year begins."""
    path = tmp_path / "years.csv"
    months = [f"20{year}-{month:02}" for year in (18, 19) for month in range(3, 13)]
    rows = [f"{name},{month}-01,1" for name in ("S10", "S2") for month in months]
    path.write_text("\n".join(["station,t,x", *rows, ""]))
    for picture in maps(path, client, STATION, MONTH):
        text = str(picture.items[""])
        assert "['S2', 'S10']" in text
        assert "'shift', 2" in text
        assert "label.endsWith('-01')" in text


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_maps_are_drawn_in_a_browser(table, client, tmp_path, lang):
    """On a phone, too; nothing is complained of, and no column of the table is empty."""
    if shutil.which("chromium") is None:
        pytest.skip("needs Chromium")
    path = tmp_path / "page.html"
    page = html(table, client, columns=("x",), by=(STATION, MONTH), times=TIMES, lang=lang)
    path.write_text(page, "utf-8")
    complaints: list[str] = []
    with sync_playwright() as tools:
        browser = tools.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        try:
            view = browser.new_page(viewport={"width": 390, "height": 844})
            view.on("pageerror", lambda error: complaints.append(str(error)))
            view.goto(path.as_uri())
            view.wait_for_function(DRAWN, timeout=1000 * limit())
            heights = view.locator(".maps .plot").evaluate_all(
                "all => all.map(one => one.clientHeight)"
            )
            assert len(heights) == 2
            assert min(heights) >= 200
            assert view.locator("[type=checkbox]").count() == 0
            view.fill("input[type=search]", "long")
            assert (
                view.locator("tbody tr:not([hidden]) th[scope=row]", has_text="long").count() == 2
            )
        finally:
            browser.close()
    assert complaints == []


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ((STATION, MONTH), "2019-01 to 2019-03"),
        ((Key("t", "year"),), "2019"),
        ((Key("t", "month-of-year"),), ""),
        ((STATION,), ""),
        ((), ""),
    ],
)
def test_the_head_says_from_when_to_when(table, client, by, expected):
    """Where a key is a time; a month of any year is none."""
    times = TIMES if any(key.column == "t" for key in by) else {}
    asked = Query(("x",), by, times=times)
    found = run(Request((table,), asked, report=True), partial(borrow, client), Observer())
    assert time_span(found.groups, found.keys, words("en")) == expected


def test_a_table_without_a_group_has_no_span(table, client):
    """As where no row meets the conditions."""
    asked = Query(("x",), (MONTH,), where=(Condition.parse("station=nowhere"),), times=TIMES)
    found = run(Request((table,), asked, report=True), partial(borrow, client), Observer())
    assert time_span(found.groups, found.keys, words("en")) == ""
