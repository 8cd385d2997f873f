"""Fixtures of the tests that run on a real swarm of three nodes."""

import os
import subprocess
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pace import limit
from tests.swarm.daemon import Daemon, daemon
from tests.swarm.image import BUILDER, build, spread
from tests.swarm.lab import Lab, missing, swarm
from tests.swarm.stack import Stack, deployed

ROOT = Path(__file__).resolve().parents[2]
INSTALLING = 900


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


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment in which the wheel is installed, as docs/cluster.md says."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "env", with_pip=True)
    found = folder / "env" / "bin"
    pip = "python -m pip --quiet --disable-pip-version-check"
    commands = f"""
        export PATH={found}:$PATH
        {pip} wheel --no-deps --wheel-dir {folder} {ROOT}
        cd {folder}
        {pip} install "$(echo dask_swarm-*.whl)[hosts]"
        dask-swarm cluster env client
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run(
        ["bash", "-euc", commands], check=True, timeout=limit(INSTALLING), env=environment
    )
    return folder / "client" / "bin"


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
