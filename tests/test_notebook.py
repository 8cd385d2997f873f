"""What a notebook shows of a Result: the page of a column, and its pictures alone."""

from __future__ import annotations

import pickle
import re
import shutil
import sys
import types
from html import unescape
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

import pipeline
from pipeline.cli.bar import Bar, in_a_notebook
from pipeline.engine.observer import PartitionRead
from tests.pace import limit
from tests.test_page import DRAWN, text

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("notebook") / "rain <b>.csv"
    rows = (f"s{i % 3},{i * i % 89 / 10},{i % 7}\n" for i in range(3_000))
    path.write_text("station,x,y\n" + "".join(rows))
    return path


@pytest.fixture(scope="module")
def result(path, client) -> pipeline.Result:
    return pipeline.describe(path, column="x", by="station", report=True, client=client)


def test_the_report_is_shown_in_a_frame(result, path):
    """The whole page, which says how it was called, and needs nothing of the notebook's."""
    page = result.report()
    shown = page._repr_html_()
    assert shown.startswith('<iframe srcdoc="&lt;!DOCTYPE html&gt;')
    assert unescape(shown.partition('srcdoc="')[2].partition('" style=')[0]) == page.html
    words = text(page.html)
    call = f"pipeline.describe({path!r}, column='x', by='station', report=True)"
    assert call in words
    assert "rain <b>.csv" in words
    assert "3,000 rows" in words
    assert 'id="c1-groups"' in page.html
    assert "3 000 filas" in text(result.report("es").html)


def test_the_pictures_are_shown_alone(result):
    """Those of the page, and nothing else."""
    page = result.plot()
    assert page.html.count('<figure class="picture') == 4
    assert 'class="results"' not in page.html
    assert "Exceedance" in text(page.html)
    assert "excedencia" in text(result.plot("es").html)


def test_a_page_can_be_kept(result, tmp_path):
    """As a file that opens anywhere."""
    page = result.report()
    page.save(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text("utf-8") == page.html


def test_of_several_columns_each_has_its_own(path, client):
    """And a column with one value has a sentence in place of pictures."""
    found = pipeline.describe(path, column=["x", "y"], report=True, client=client)
    assert "x" in found["x"].plot().html
    assert "<title>y</title>" in found["y"].plot().html
    assert "Report on y" in text(found["y"].report().html)
    found = pipeline.describe(path, column=["x", "y"], by="station", report=True, client=client)
    alone = pipeline.describe(path, column="y", by="station", report=True, client=client)
    path_of_bars = re.compile(r'<path d="(M[0-9.]+ 24v.*?)"')
    bars = [path_of_bars.findall(one.report().html) for one in (found["y"], alone)]
    assert len(bars[0]) == 3
    assert bars[0] == bars[1]
    one = pipeline.describe(path, column="x", where="x=0.0", report=True, client=client)
    assert "all of them are 0" in text(one.plot().html)


def test_what_cannot_be_shown_is_refused(result, path, client):
    """What was not asked for, and a language that nobody wrote."""
    plain = pipeline.describe(path, column="x", client=client)
    for show in (plain.report, plain.plot, result.groups["s1"].report):
        with pytest.raises(pipeline.InputError, match="call describe with report=True"):
            show()
    with pytest.raises(pipeline.InputError, match="no report in 'fr'; say one of: en, es"):
        result.report("fr")
    assert plain == result


def test_a_result_goes_to_other_processes(result):
    """With what it shows."""
    again = pickle.loads(pickle.dumps(result))  # noqa: S301
    assert again == result
    assert again.plot().html == result.plot().html


@pytest.mark.browser
def test_a_browser_draws_the_pictures(result, tmp_path):
    """In a frame of somebody else's page."""
    if shutil.which("chromium") is None:
        pytest.skip("needs Chromium")
    notebook = tmp_path / "notebook.html"
    notebook.write_text(f"<!DOCTYPE html><body>{result.plot()._repr_html_()}</body>", "utf-8")
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(notebook.as_uri())
        frame = page.frames[1]
        frame.wait_for_function(DRAWN, timeout=1000 * limit())
        page.screenshot(path=tmp_path / "notebook.png", full_page=True)
        browser.close()
    assert not complaints


def test_progress_is_shown_where_it_is_asked_for(path, client, monkeypatch, capsys):
    """A bar of the whole file, which is gone at the end; not asked for, none outside notebooks."""
    monkeypatch.setattr("pipeline.cli.bar._SHORT", 0.0)
    pipeline.describe(path, column="x", client=client, partitions=4)
    assert capsys.readouterr().err == ""
    found = pipeline.describe(path, column="x", client=client, partitions=4, progress=True)
    assert found.count == 3_000
    shown = capsys.readouterr().err
    assert "B/s]" in shown
    assert shown.rpartition("\r")[2].strip() == ""


def test_a_kernel_of_ipython_is_a_notebook(monkeypatch):
    """And IPython on a terminal is none."""
    kernel, terminal = types.SimpleNamespace(kernel=1), types.SimpleNamespace()
    for shell, expected in ((kernel, True), (terminal, False), (None, False)):
        monkeypatch.setitem(
            sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda shell=shell: shell)
        )
        assert in_a_notebook() == expected
    monkeypatch.delitem(sys.modules, "IPython")
    assert not in_a_notebook()


def test_a_run_that_waits_says_for_what(monkeypatch, capsys):
    """Beside the bar, as long as it waits."""
    monkeypatch.setattr("pipeline.cli.bar._SHORT", 0.0)
    bar = Bar()
    bar.start(None, 2, 100)
    bar.done(PartitionRead(0, 50, 7))
    bar.done(PartitionRead(50, 25, 7))
    bar.watch(3, "waiting for a lost worker")
    bar.watch(3, "")
    bar.end()
    shown = capsys.readouterr().err
    assert "3 workers, waiting for a lost worker" in shown
    assert "14 values" in shown
    assert "75%" in shown
