"""Progress tells the truth: how far a run is, how fast, and what it waits for."""

from __future__ import annotations

import re
import sys
from types import SimpleNamespace

import pytest

from pipeline.cli.progress import Progress, Standing
from pipeline.engine.liveness import Unresponsive
from pipeline.engine.observer import PartitionRead
from pipeline.engine.wait import Patience, _waits
from tests.commands import command, refusal
from tests.pace import until

CLIENT = SimpleNamespace(dashboard_link="http://127.0.0.1:1/status")
GIGABYTE = 10**9


@pytest.mark.parametrize(
    ("standing", "seconds", "line"),
    [
        (Standing(40, GIGABYTE), 3, "0 of 40 partitions, 0 values"),
        (
            Standing(40, GIGABYTE, 10, 1_500_000, GIGABYTE // 4, 3),
            10,
            "10 of 40 partitions, 1,500,000 values, 25 MB/s, 30 s left, 3 workers",
        ),
        (
            Standing(4_000, 40 * GIGABYTE, 10, 5, GIGABYTE // 10, 1, "2 workers lost"),
            10,
            "10 of 4,000 partitions, 5 values, 10 MB/s, 66 min left, 1 worker, 2 workers lost",
        ),
        (Standing(2, 9, 2, 7, 9, 1), 10, "2 of 2 partitions, 7 values, 1 worker, merging"),
    ],
)
def test_a_line_says_how_far_a_run_is(standing, seconds, line):
    """Partitions, values, speed, time left, workers, and what is waited for."""
    assert standing.line(seconds) == line


def test_a_log_gets_a_line_now_and_then(monkeypatch):
    """After the dashboard's address; none when it is over."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False)
    said: list[str] = []
    with Progress(quiet=False, every=0.01, say=said.append) as progress:
        progress.start(CLIENT, 2, 10)
        progress.done(PartitionRead(0, 5, 3))
        progress.watch(1, "waiting for a worker")
        until(lambda: any(line.endswith("waiting for a worker") for line in said), "a line")
        progress.start(CLIENT, 4, 10)
        until(lambda: said[-1] == "progress: 0 of 4 partitions, 0 values", "it begins anew")
    count = len(said)
    assert said[0] == f"dashboard: {CLIENT.dashboard_link}"
    assert [line for line in said if line.startswith("dashboard")] == said[:1]
    progress.done(PartitionRead(5, 5, 3))
    assert len(said) == count


@pytest.mark.parametrize("over", [True, False])
def test_a_run_that_is_over_at_once_says_nothing_but_the_dashboard(monkeypatch, over):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False)
    said: list[str] = []
    with Progress(quiet=over, say=said.append) as progress:
        progress.start(CLIENT, 1, 1)
        progress.done(PartitionRead(0, 1, 1))
    assert said == ([] if over else [f"dashboard: {CLIENT.dashboard_link}"])


def test_what_is_waited_for_is_named():
    """A worker, the share on a node, or nothing."""
    silent = Unresponsive({"node2": -1e9})
    patience = Patience()
    assert _waits(0, 3, silent, patience) == "waiting for a worker"
    assert _waits(2, 3, silent, patience) == "waiting for the share on node node2"
    assert _waits(2, 3, Unresponsive(), patience) == "1 worker lost"
    assert _waits(3, 3, Unresponsive(), patience) == ""


def test_dasks_own_report_is_written_on_request(tmp_path):
    """A page that needs no network; where there is no folder for it, that is said beforehand."""
    (tmp_path / "x.csv").write_text("x\n1\n")
    asked = ["x.csv", "--column", "x", "--performance-report"]
    done = command(tmp_path, *asked, "dask.html")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "dask.html").read_text("utf-8")
    assert "summarise" in page
    assert not re.search("<script[^>]* src=", page)
    assert "nowhere is no folder" in refusal(command(tmp_path, *asked, "nowhere/dask.html"))
