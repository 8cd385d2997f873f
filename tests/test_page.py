"""The page of a run: the same for any partitioning, complete, and safe."""

from __future__ import annotations

import re
import shutil
from functools import partial
from html import unescape
from typing import TYPE_CHECKING

import numpy as np
import pytest
from playwright.sync_api import Page, sync_playwright

from pipeline.engine.connect import borrow
from pipeline.engine.observer import Observer, PartitionRead
from pipeline.formats.query import Key, Query
from pipeline.partitions.cutting import Partitioning
from pipeline.partitions.planning import MergePlan
from pipeline.report.page.again import Again
from pipeline.report.page.render import page_and_sayings
from pipeline.report.page.run_log import RunLog
from pipeline.request import Request
from pipeline.run import run
from pipeline.statistics.divisions import Divisions
from pipeline.statistics.result import STATISTICS
from tests.commands import command, refusal
from tests.pace import limit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NASTY = "</script><script>alert(1)</script> & $$x^2$$"


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> Path:
    """Temperatures with gaps and a code, rain, and a column whose name is an attack."""
    chance = np.random.default_rng(3)
    path = tmp_path_factory.mktemp("page") / "series <b>.csv"
    warm = chance.normal(18, 4, 4_000).round(1).astype(str)
    warm[chance.random(4_000) < 0.08] = ""
    warm[chance.random(4_000) < 0.01] = "-999"
    rain = np.where(chance.random(4_000) < 0.7, 0, chance.gamma(0.6, 8, 4_000)).round(1)
    rows = (f"{a},{b},7,<b>{i % 9}" for i, (a, b) in enumerate(zip(warm, rain, strict=True)))
    path.write_text("\n".join([f'warm,rain,"{NASTY}",kind', *rows, ""]))
    return path


def html(
    path: Path,
    client,
    *,
    columns=("warm",),
    by=(),
    times=None,
    parts=1,
    plan=None,
    lang="en",
    log=None,
    heard=True,
) -> str:
    cut = Partitioning(partitions=parts)
    request = Request((path,), Query(columns, by, times=times or {}), partitioning=cut, report=True)
    log = log or RunLog(Observer())
    told = log if heard else Observer()
    outcome = run(request, partial(borrow, client), told, plan and (lambda *_: plan))
    log.end()
    again = Again.of([path], {"results.json": b"{}"}, f"run {path}")
    return page_and_sayings(outcome, log, again, lang)[0]


def without_the_run(page: str) -> str:
    start, stop = page.index('<section id="run">'), page.index("</main>")
    return page[:start] + page[stop:]


def text(page: str) -> str:
    """Return what is read without scripts."""
    plain = re.sub(r"<(script|style).*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", plain)).split())


def test_the_same_page_for_any_partitioning(table, client):
    """Only the section about the run differs, for values cut into ranges as well."""
    columns = ("warm", "rain")
    first = without_the_run(html(table, client, columns=columns))
    assert first == without_the_run(html(table, client, columns=columns, parts=7))
    ranges = MergePlan(Divisions(((15.0, 20.0), (0.1,))))
    assert first == without_the_run(html(table, client, columns=columns, parts=5, plan=ranges))


@pytest.mark.parametrize("lang", ["en", "es"])
def test_everything_is_read_without_scripts(table, client, lang):
    """Head, what stands out and all results are text, in the language asked for."""
    page = html(table, client, lang=lang)
    assert f'<html lang="{lang}">' in page
    words = text(page)
    expected = {
        "en": ("4,000 rows", "What stands out", "occurs", "--missing -999", "cells are missing"),
        "es": ("4 000 filas", "Lo que llama la atención", "aparece", "falta"),
    }[lang]
    for part in expected:
        assert part in words
    if lang == "en":
        for statistic in STATISTICS.values():
            assert statistic.definition in words
    assert page.count('role="img" aria-label="') == 6


def test_texts_of_the_data_are_texts(table, client):
    """A column called as a script is shown as it is called."""
    page = html(table, client, columns=(NASTY, "warm"))
    assert "<script>alert" not in page
    assert NASTY in text(page)
    assert "series <b>.csv" in text(page)
    assert "all of them are 7" in text(page)


def test_a_column_without_values_has_a_page(client, tmp_path):
    """Where there is nothing to draw, a sentence says so."""
    path = tmp_path / "empty.csv"
    path.write_text("warm,b\n,1\n,2\n")
    assert "no picture of the values" in text(html(path, client))


def test_nothing_is_found_for_a_page_that_was_not_asked_for(table, client):
    """A run without a report does not look for what it shows."""
    request = Request((table,), Query(("warm",)))
    outcome = run(request, partial(borrow, client), Observer())
    assert outcome.distributions == outcome.profiles == ()


def test_the_command_writes_the_page_beside_the_results(table, tmp_path):
    """The page lies with the other files, and what stands out is printed, too."""
    run = command(tmp_path, table, "--column", "warm", "--report", "page.html", "--output", "out")
    assert run.returncode == 0, run.stderr
    page = (tmp_path / "out" / "page.html").read_text("utf-8")
    assert "written: out/page.html" in run.stdout
    assert "occurs" in run.stdout
    assert "python -m pipeline.run" in text(page)
    assert "--report page.html" in text(page)


@pytest.mark.parametrize("name", ["elsewhere/page.html", "page.pdf"])
def test_a_page_that_cannot_be_written_so_is_refused(name, table, tmp_path):
    """The page lies in the folder of the results, and its name tells what it is."""
    run = command(tmp_path, table, "--column", "warm", "--report", name, "--output", "out")
    assert name in refusal(run)


@pytest.fixture(scope="module")
def opened(table, client, tmp_path_factory) -> Path:
    """The page of three columns, as a file."""
    path = tmp_path_factory.mktemp("opened") / "page.html"
    columns = ("warm", "rain", NASTY)
    path.write_text(html(table, client, columns=columns, by=(Key("kind"),), parts=3), "utf-8")
    return path


@pytest.fixture(params=[(1280, 900, "light"), (390, 844, "dark")], ids=["wide", "phone"])
def browser_page(request) -> Iterator[Page]:
    """A new page of a browser on a wide screen, and of one on a phone."""
    if shutil.which("chromium") is None:
        pytest.skip("needs Chromium")
    width, height, scheme = request.param
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        yield browser.new_page(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            has_touch=width < 500,
        )
        browser.close()


DRAWN = """() => [...document.querySelectorAll('.plot:not([hidden])')]
    .every((plot) => plot.firstElementChild && plot.firstElementChild.shadowRoot
        && plot.firstElementChild.shadowRoot.childElementCount)"""


@pytest.mark.browser
def test_it_opens_without_network_and_errors(opened: Path, browser_page: Page):
    """A browser draws every picture, asks for nothing else, and has nothing to complain of."""
    complaints: list[str] = []
    browser_page.on("pageerror", lambda error: complaints.append(str(error)))
    browser_page.on(
        "console",
        lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None,
    )
    browser_page.on(
        "request",
        lambda asked: (
            complaints.append(asked.url)
            if not asked.url.startswith(("data:", opened.as_uri()))
            else None
        ),
    )
    browser_page.goto(opened.as_uri())
    browser_page.wait_for_function(DRAWN, timeout=1000 * limit())
    sideways = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not browser_page.evaluate(sideways)
    touched = browser_page.viewport_size["width"] < 500
    assert browser_page.is_visible("#c1-histogram .touch") == touched
    assert browser_page.is_visible("#c1-histogram .mouse") != touched
    browser_page.click("#c1-histogram button[aria-pressed=false]")
    browser_page.wait_for_function(DRAWN, timeout=1000 * limit())
    assert browser_page.is_visible("#c1-histogram-2")
    assert not browser_page.is_visible("#c1-histogram-1")
    keys = browser_page.locator("#c1-groups tbody th")
    assert keys.all_text_contents() == [f"<b>{i}" for i in range(9)]
    browser_page.click("#c1-groups thead th:first-child button")
    browser_page.click("#c1-groups thead th:first-child button")
    assert keys.all_text_contents() == [f"<b>{i}" for i in reversed(range(9))]
    browser_page.fill("#c1-groups input[type=search]", "B>3")
    visible = browser_page.locator("#c1-groups tbody tr:not([hidden]) th")
    assert visible.all_text_contents() == ["<b>3"]
    assert complaints == []


@pytest.mark.parametrize(("used", "words"), [(9.5, "More cores"), (0.5, "A faster disk")])
def test_what_limited_a_run_is_said(used, words, table, client):
    """The processors or the disk, and what would help."""
    log = RunLog(Observer())
    log.done(PartitionRead(0, 7, 3, 100.0, 110.0, used, "w"))
    said = text(html(table, client, log=log, heard=False)).partition("What limited it")[2]
    assert words in said[:300]


def test_a_run_that_told_of_no_partition_has_a_page(table, client):
    """What it told is then left out."""
    assert "What limited it" not in text(html(table, client, log=RunLog(Observer()), heard=False))


def test_few_values_and_those_just_out_of_view(client, tmp_path):
    """A curve of steps; and the caption counts what a click on the scale shows."""
    path = tmp_path / "few.csv"
    rows = [f"{20 + i % 50 / 10},a" for i in range(500)] + [f"{v},b" for v in (40, 41, 42)]
    path.write_text("\n".join(["warm,b", *rows, ""]))
    page = text(html(path, client))
    assert "outside" in page


def test_a_column_that_has_a_number_in_place_of_a_name(client, tmp_path):
    """Is called so in either language; and where nothing is missing, a sentence says so."""
    path = tmp_path / "numbers.csv"
    path.write_text("\n".join(["3,b", *(f"{i % 97}.5,b" for i in range(9_000)), ""]))
    english, spanish = (html(path, client, columns=("3",), lang=lang) for lang in ("en", "es"))
    assert "Report on column 3" in text(english)
    assert "Informe: columna 3" in text(spanish)
    assert "No cell is missing." in text(english)
    assert "No falta ninguna celda." in text(spanish)
