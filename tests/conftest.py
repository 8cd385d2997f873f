"""Fixtures and settings shared by the whole suite."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.clusters import local
from tests.files import FILES
from tests.pace import pace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from distributed import Client

SHOWN = 4000
"""Characters at most of a failure, and of each log beside it."""

pytest.register_assert_rewrite("tests.laws", "tests.commands")

# The examples are the same in every run, so that a change is judged by what it changes. To look
# for new ones: pytest --hypothesis-profile search
settings.register_profile(
    "fixed",
    deadline=None,
    derandomize=True,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile(
    "search", settings.get_profile("fixed"), derandomize=False, max_examples=2_000
)
settings.load_profile("fixed")


def pytest_sessionstart() -> None:
    """Measure this machine; terminated or out of time, tell what failed and clean up.

    TESTS_LIMIT is how many seconds the tests may take.
    """
    pace()
    for end in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(end, signal.default_int_handler)
    if "PYTEST_XDIST_WORKER" not in os.environ:
        signal.alarm(int(os.environ.get("TESTS_LIMIT", "0")))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Show a failure when it happens: the runner may not live to sum up."""
    if report.failed:
        parts = [f"FAILED {report.nodeid} ({report.when})", report.longreprtext[-SHOWN:]]
        parts += [f"--- {title}\n{text[-SHOWN:]}" for title, text in report.sections]
        sys.__stderr__.write("\n".join(["", *parts, ""]))
        sys.__stderr__.flush()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that are hard to read, each under its name."""
    folder = tmp_path_factory.mktemp("files")
    for name, file in FILES.items():
        (folder / name).write_bytes(file.data)
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The path of a file that is not there yet."""
    return tmp_path / "data.csv"


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """A cluster in this process: one worker with two threads."""
    with local(1, threads=2) as client:
        yield client


@pytest.fixture
def place(tmp_path: Path) -> Callable[[bytes, str], Path]:
    """What writes bytes to a file of a name, and returns its path."""

    def put(data: bytes, name: str) -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return put
