"""The hosts are booted once for all tests that ask for them."""

import os
from collections.abc import Iterator

import pytest

from tests.hosts.lab import NAMES, Lab, lab, why_not


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Show beside a failure what the hosts and their containers have written last."""
    report = yield
    if report.failed and (lab := item.funcargs.get("hosts")):
        report.sections += [(name, host.state()) for name, host in lab.hosts.items()]
    return report


@pytest.fixture(scope="session")
def hosts() -> Iterator[Lab]:
    """As many bare hosts as HOSTS says, or three; skipped where none can run.

    With HOSTS_LAB=required that is a failure.
    """
    if (reason := why_not()) and os.environ.get("HOSTS_LAB") != "required":
        pytest.skip(reason)
    assert not reason, reason
    with lab(NAMES[: int(os.environ.get("HOSTS", "3"))]) as made:
        yield made
