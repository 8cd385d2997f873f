"""The dashboard's page of the partitions: what was read, and what is known so far."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple
from math import inf, isclose, isnan
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import sync_playwright

from pipeline import describe
from pipeline.engine.connect import connect
from pipeline.engine.observer import PartitionRead
from pipeline.engine.partitions_page import headline, table
from pipeline.engine.so_far import CELLS, NAME, PARTITION, About, Run, SoFar
from pipeline.engine.tasks import figures
from pipeline.statistics.summary import summarise
from tests import gate
from tests.pace import limit, until
from tests.test_connect import ask

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.statistics.result import Result

NASTY = "x <b>&"
SEVERAL = About("some.csv", ["x"], 4, 400, 100, 500)


@pytest.fixture
def data(tmp_path) -> Path:
    path = tmp_path / "data & <i>.csv"
    chance = np.random.default_rng(11)
    rows = (f"{value:.2f}," for value in chance.normal(20, 3, 4_000))
    path.write_text("\n".join([f"{NASTY},empty", *rows, ""]))
    return path


def read(start: int, stop: int, *figures: Any, began: float = 0.0) -> PartitionRead:
    return PartitionRead(start, stop - start, 1, began, began + 1, stop=stop, figures=list(figures))


def test_a_partition_counts_once_and_where_it_lies():
    """Also where a task was done again, and where it covers a part of a cell."""
    run = Run("run", SEVERAL)
    first, second = read(100, 200, (2, 1, 10.0, 4.0, 6.0)), read(300, 301, (1, 0, 7.0, 7.0, 7.0))
    for one in (first, first, second, read(500, 500, (0, 3, 0.0, inf, -inf), began=3.0)):
        run.hear(one)
    quarter = CELLS // 4
    assert (run.read[:quarter] == 1).all()
    assert isclose(run.read[2 * quarter :].sum(), CELLS / 400)
    assert isclose(float(run.counts.sum()), 3)
    assert (run.means[:quarter] == 5).all()
    assert isnan(run.means[-1])
    assert headline(run) == "some.csv: 3 of 4 partitions, 0.0 of 0.0 MB, 0 MB/s"
    assert table(run) == [("x", "3", "4", "5.66667", "4", "7")]


def test_a_column_without_values_has_dashes():
    """As the first partitions may have none."""
    run = Run("run", SEVERAL)
    run.hear(read(100, 200, figures(summarise(np.empty(0), 3))))
    assert table(run) == [("x", "0", "0", *["\N{EN DASH}"] * 3)]


def test_what_is_told_is_of_any_size():
    """The sum of values at the end of float64 is infinite there: no warning, and no error."""
    count, _, total, *ends = figures(summarise(np.full(3, 1e308), 2))
    assert (count, total, *ends) == (3, inf, 1e308, 1e308)


def test_only_runs_of_clients_that_are_there_are_kept():
    """One for each client; what others say under the same topics is not for this page."""
    scheduler: Any = SimpleNamespace(clients={"one": 1, "two": 2})
    kept = SoFar(scheduler)
    for name, topic in (("a", "one"), ("b", "two"), ("c", "one"), ("d", "gone")):
        kept.log_event(topic, [PARTITION, name, astuple(SEVERAL), astuple(read(100, 200))])
    for other in ({"action": "add-client"}, [], ["steal", 1, 2, 3], "text"):
        kept.log_event("one", other)
    assert [run.name for run in kept.runs.values()] == ["b", "c"]
    kept.remove_client(scheduler, "one")
    kept.remove_client(scheduler, "never there")
    assert list(kept.runs) == ["two"]


@pytest.mark.browser
def test_a_browser_sees_what_was_read_so_far(data: Path):
    """While the run is held, and when it is done; the page has nothing to complain of."""
    if shutil.which("chromium") is None:
        pytest.skip("needs Chromium")
    complaints: list[str] = []
    patience = 1000 * limit()
    with connect(workers=2) as client, ThreadPoolExecutor() as pool, sync_playwright() as tools:
        gate.close(client, after=3)
        columns = [NASTY, "empty"]
        running = pool.submit(
            describe, data, column=columns, partitions=gate.PARTITIONS, client=client
        )
        gate.wait(client)
        browser = tools.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        try:
            page = browser.new_page(viewport={"width": 1200, "height": 800})
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on(
                "console",
                lambda line: complaints.append(line.text) if line.type == "error" else None,
            )
            server = urlsplit(client.dashboard_link).netloc
            page.goto(f"http://{server}/status")
            page.locator("a", has_text="More...").hover()
            page.locator("a[href='individual-partitions']").click()
            page.get_by_text(f" of {gate.PARTITIONS} partitions").wait_for(timeout=patience)
            assert page.get_by_text("data & <i>.csv").count() == 1
            gate.open_(client)
            results: dict[str, Result] = running.result(limit())
            text = f"{gate.PARTITIONS} of {gate.PARTITIONS} partitions"
            page.get_by_text(text).wait_for(timeout=patience)
            page.get_by_text(f"{results[NASTY].mean:,.6g}", exact=True).wait_for(timeout=patience)
            assert page.get_by_text(NASTY, exact=True).count() == 1
        finally:
            browser.close()
        assert ask(server, "/partitions", {"Host": "evil.invalid"}).status == 403
        kept = client.cluster.scheduler.plugins[NAME]
        assert len(kept.runs) == 1
        client.close()
        until(lambda: not kept.runs, "the run forgotten with its client")
    assert complaints == []
