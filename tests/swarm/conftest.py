"""Fixtures of the tests that run on a real swarm of three nodes."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pace import limit
from tests.swarm.base import base
from tests.swarm.daemon import Daemon, daemon
from tests.swarm.lab import Lab, missing, swarm
from tests.swarm.stack import Stack, deployed

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dask-swarm"
BUILDING = 900.0


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
    with daemon(CACHE / "builder") as running:
        yield running


@pytest.fixture(scope="session")
def image(_able: None, lab: Lab) -> str:
    """The reference of the image of this tree, which is on all nodes."""
    with daemon(CACHE / "builder") as running:
        reference = build(running)
        spread(reference, running, lab.nodes)
    return reference


@pytest.fixture(scope="module")
def stack(lab: Lab, image: str) -> Iterator[Stack]:
    """The stack, with a worker on node2 and node3; every test leaves it so."""
    with deployed(lab, image, workers=lab.nodes[1:]) as running:
        yield running


def build(builder: Daemon) -> str:
    """Build this tree's image, with the base of the lab; its reference names its content."""
    builder.docker("image", "prune", "--all", "--force", "--filter", "until=24h")
    context = ("--file", "images/Dockerfile", "--build-arg", f"BASE={base(builder)}", ".")
    # BuildKit is not on every test machine: the older builder is what the Dockerfile is held to.
    plain = {**os.environ, "DOCKER_BUILDKIT": "0"}
    built = ("build", "--quiet", "--network", "host", *context)
    identity = builder.docker(*built, cwd=ROOT, env=plain, timeout=limit(BUILDING))
    reference = f"dask-swarm.invalid/node:{identity.removeprefix('sha256:')[:12]}"
    builder.docker("tag", identity, reference)
    return reference


def spread(reference: str, source: Daemon, nodes: list[Daemon]) -> None:
    """Copy an image to daemons that lack it, reading it once."""
    save = subprocess.Popen(
        ["docker", "--host", source.docker_host, "save", reference], stdout=subprocess.PIPE
    )
    loads = [
        subprocess.Popen(
            ["docker", "--host", node.docker_host, "load", "--quiet"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        for node in nodes
    ]
    while block := save.stdout.read(1 << 20):
        for load in loads:
            load.stdin.write(block)
    for load in loads:
        load.stdin.close()
    codes = [process.wait() for process in (save, *loads)]
    if any(codes):
        raise RuntimeError(f"{reference} could not be copied to every node: {codes}")
