"""Fixtures of the tests that run on a real swarm of three nodes."""

import os
from collections.abc import Iterator

import pytest

from tests.swarm.daemon import Daemon, daemon
from tests.swarm.image import BUILDER, build, spread
from tests.swarm.lab import Lab, missing, swarm
from tests.swarm.stack import Stack, deployed


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as `swarm` every test that uses the lab or the builder."""
    for item in items:
        if {"lab", "builder"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("swarm")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Show beside a failure what the nodes' daemons and containers have written last."""
    report = yield
    if report.failed and (lab := item.funcargs.get("lab")):
        report.sections += [(node.name, node.state()) for node in lab.nodes]
    return report


@pytest.fixture(scope="session")
def _able() -> None:
    """Skip where a lab cannot run; fail if SWARM_LAB=required says that it must."""
    if reason := missing():
        if os.environ.get("SWARM_LAB") == "required":
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def lab(_able: None) -> Iterator[Lab]:
    """A swarm of three nodes without stack, secrets or labels."""
    with swarm() as running:
        yield running


@pytest.fixture
def builder(_able: None) -> Iterator[Daemon]:
    """A Docker daemon that can reach a package index; others wait while a test holds it."""
    with daemon(BUILDER) as running:
        yield running


@pytest.fixture(scope="session")
def image(_able: None, lab: Lab) -> str:
    """The reference of the image of this tree, which is on all nodes."""
    with daemon(BUILDER) as running:
        reference = build(running)
        spread(reference, running, lab.nodes)
    return reference


@pytest.fixture(scope="module")
def stack(lab: Lab, image: str) -> Iterator[Stack]:
    """The stack, with a worker on node2 and node3; every test leaves it so."""
    with deployed(lab, image, workers=lab.nodes[1:]) as running:
        yield running
