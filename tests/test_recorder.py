"""What docs/reliability.md shows is what the tests found, the worst of it included."""

from __future__ import annotations

import socket
from types import SimpleNamespace

import pytest

from tests.faults import faults
from tests.recorder import Recorder, read

NAME, OTHER = list(faults())[:2]


def report(name: str, when: str = "call", outcome: str = "passed", **more: object):
    """A report as pytest makes it, of a second."""
    facts = {"duration": 1.0, "user_properties": [], **more}
    results = {each: each == outcome for each in ("passed", "failed", "skipped")}
    return SimpleNamespace(nodeid=name, when=when, **results, **facts)


@pytest.fixture
def recorded(tmp_path):
    """A function that records reports in a file, and reads it again."""

    def record(*reports):
        recorder = Recorder(tmp_path / "records.json")
        for each in reports:
            recorder.pytest_runtest_logreport(each)
        recorder.pytest_sessionfinish()
        return read(tmp_path / "records.json")

    return record


def test_cases_of_a_test_are_one_row(recorded):
    """With the time of the slowest; preparing and tidying up are no cases."""
    found = recorded(
        report(f"{NAME}[a]", "setup"),
        report(f"{NAME}[a]", duration=0.24),
        report(f"{NAME}[b]", outcome="failed", duration=3.14),
        report(f"{NAME}[b]", "teardown"),
    )
    assert list(found) == [NAME]
    assert (found[NAME].cases, found[NAME].failed, found[NAME].seconds) == (2, 1, 3.1)


def test_a_failed_preparation_is_a_failure(recorded):
    assert recorded(report(NAME, "setup", "failed"))[NAME].failed == 1


def test_what_is_skipped_keeps_the_last_result(recorded):
    """And what is no fault has none."""
    before = recorded(report(NAME), report(OTHER))
    after = recorded(report(NAME, outcome="failed"), report(OTHER, outcome="skipped"))
    assert after[NAME].failed == 1
    assert after[OTHER] == before[OTHER]
    assert recorded(report("tests/test_x.py::test_y")) == after


def test_names_of_this_machine_are_not_shown(recorded):
    """A temporary folder is another one in every run."""
    text = f"/var/pytest-of-ana/pytest-7/popen-gw0/test_y0/x.csv is gone on {socket.gethostname()}"
    found = recorded(report(NAME, user_properties=[("seen", text)]))
    assert found[NAME].seen == "x.csv is gone on NAME"
