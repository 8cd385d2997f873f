"""A plugin that marks the tests of faults and records what they find.

`pytest -p tests.recorder --record FILE -m fault`: FILE keeps the last result of each, so that those
that cannot run here have the one of the machine on which they ran. A test tells what it has seen,
as a text, by `record_property("seen", ...)`.
"""

from __future__ import annotations

import json
import os
import re
import socket
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.faults import faults

TEMPORARY = re.compile(r"/\S*/pytest-of-\w+/pytest-\d+/(popen-\w+/)?[^/\s]+/")
"""A test's own folder: another one in every run."""

HERE = re.compile(rf"\b{re.escape(socket.gethostname())}\b")


@dataclass
class Record:
    """What the cases of one test found: how many there are, how many failed, what was seen.

    `seconds` is the time of the slowest, and None where it was not measured by itself.
    """

    date: str
    cores: int
    cases: int = 0
    failed: int = 0
    seconds: float | None = 0.0
    seen: str = ""

    def add(self, report: pytest.TestReport) -> None:
        """Add the report of one case, or of its fixture's failure."""
        self.cases += 1
        self.failed += report.failed
        self.seconds = max(self.seconds or 0.0, round(report.duration, 1))
        for name, text in report.user_properties:
            if name == "seen":
                self.seen = HERE.sub("NAME", TEMPORARY.sub("", str(text)))


def read(path: Path) -> dict[str, Record]:
    """Return the records in a file, those alone whose tests are still among the faults."""
    if not path.exists():
        return {}
    found = json.loads(path.read_text("utf-8"))
    return {name: Record(**found[name]) for name in faults() if name in found}


class Recorder:
    """Collects reports, those of other processes too."""

    def __init__(self, path: Path) -> None:
        """Begin a recording that ends up in the file at `path`."""
        self._path = path
        self._records: dict[str, Record] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped or (report.when != "call" and not report.failed):
            return
        today = datetime.now(UTC).date().isoformat()
        name = report.nodeid.partition("[")[0]
        self._records.setdefault(name, Record(today, os.cpu_count() or 1)).add(report)

    def pytest_sessionfinish(self) -> None:
        whole = read(self._path) | self._records
        entries = {name: asdict(whole[name]) for name in faults() if name in whole}
        self._path.write_text(json.dumps(entries, indent=1) + "\n", "utf-8")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", type=Path, help="record what the tests of faults find in a file")


def pytest_configure(config: pytest.Config) -> None:
    """Record in the process that hears of all tests."""
    config.addinivalue_line("markers", "fault: a row of docs/reliability.md")
    if (path := config.option.record) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(path.resolve()), "recorder")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests, so that they can be chosen."""
    wanted = faults()
    for item in items:
        if item.nodeid.partition("[")[0] in wanted:
            item.add_marker("fault")
