"""Whatever happens to a node during a run, the run ends with the same bytes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import pytest
from distributed import Client, Scheduler

from tests.swarm.lab import Node, until
from tests.swarm.stack import ROOT, Stack

ROWS = 1_400_000
PARTITIONS = 1000
LIMIT = 60.0
"""Seconds within which the cluster is whole again, and by which a fault may delay a run."""
QUIET = 120.0
"""Seconds that a run may take at most when nothing happens."""
LASTS = 60.0
"""Seconds that a run shall last: a new worker's container takes ten, and more on a busy machine."""
CLIENT_ENDS = 30.0
FILES = ("combined_results.csv", "results.json")


@dataclass(frozen=True)
class Run:
    """A run of the command line in a process of its own."""

    process: subprocess.Popen[str]
    output: Path

    @property
    def going(self) -> bool:
        return self.process.poll() is None

    def results(self) -> list[bytes]:
        """The bytes of the results, when the run has ended; it may be delayed by one fault."""
        _, errors = self.process.communicate(timeout=QUIET + LIMIT)
        assert self.process.returncode == 0, errors
        return [(self.output / file).read_bytes() for file in FILES]


@pytest.fixture(scope="module")
def file(stack: Stack) -> Path:
    """A CSV of some 200 MB on the share."""
    path = stack.lab.data / "sample.csv"
    command = [sys.executable, "-m", "pipeline.sample", str(path), "--rows", str(ROWS)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return path


@pytest.fixture(scope="module")
def alone(file: Path, tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """The results that this machine computes without a cluster."""
    with running(file, tmp_path_factory.mktemp("alone"), {}, "--partitions", "7") as run:
        return run.results()


@pytest.fixture(scope="module")
def partitions(
    stack: Stack, file: Path, alone: list[bytes], tmp_path_factory: pytest.TempPathFactory
) -> int:
    """As many partitions as make a run on this machine last long enough for a fault to hit it."""
    until(lambda: stack.connected() == ["node2", "node3"], "workers on node2 and node3", LIMIT)
    output = tmp_path_factory.mktemp("undisturbed")
    began = monotonic()
    with running(file, output, stack.environment, "--partitions", str(PARTITIONS)) as run:
        assert run.results() == alone
    return int(PARTITIONS * min(10, max(1, LASTS / (monotonic() - began))))


@pytest.fixture
def run(stack: Stack, file: Path, partitions: int, tmp_path: Path) -> Iterator[Run]:
    """A run on node2 and node3 that has begun and is far from its end."""
    until(lambda: stack.connected() == ["node2", "node3"], "workers on node2 and node3", LIMIT)
    many = ("--partitions", str(partitions))
    with stack.client() as client, running(file, tmp_path, stack.environment, *many) as run:
        until(lambda: not run.going or busy(client, "node2", "node3"), "tasks", LIMIT)
        assert run.going, run.process.communicate()[1]
        yield run


@contextmanager
def running(file: Path, output: Path, environment: dict[str, str], *options: str) -> Iterator[Run]:
    """A run of the command line, which ends with the block at the latest."""
    command = [sys.executable, "-m", "pipeline.run", str(file), "--quiet", *options]
    # Dask warns when the tests' own Python differs from the image's in its last digit.
    environment = {**os.environ, "PYTHONWARNINGS": "ignore", **environment}
    with subprocess.Popen(
        [*command, "--output", str(output)], cwd=ROOT, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            yield Run(process, output)
        finally:
            process.kill()


def busy(client: Client, *nodes: str) -> bool:
    """Whether the workers of all these nodes have partitions to read."""

    def names(dask_scheduler: Scheduler) -> list[str]:
        return [
            worker.name
            for worker in dask_scheduler.workers.values()
            if any(task.prefix.name == "summarise" for task in worker.processing)
        ]

    found = {name.partition("-")[0] for name in client.run_on_scheduler(names)}
    return found >= set(nodes)


def test_the_cluster_computes_what_one_machine_computes(run: Run, alone: list[bytes]) -> None:
    assert run.results() == alone


def test_a_node_that_is_labelled_during_a_run_takes_tasks(
    stack: Stack, run: Run, alone: list[bytes]
) -> None:
    with whole_afterwards(stack), stack.client() as client:
        stack.label(stack.lab.manager)
        until(lambda: busy(client, "node1") or not run.going, "tasks on the new worker", LIMIT)
        assert run.going
        assert run.results() == alone


def test_a_node_may_lose_its_label_during_a_run(stack: Stack, run: Run, alone: list[bytes]) -> None:
    with whole_afterwards(stack):
        stack.unlabel(stack.lab.nodes[1])
        until(lambda: not run.going or stack.connected() == ["node3"], "one worker", LIMIT)
        assert run.going
        assert run.results() == alone


def test_a_node_may_be_drained_during_a_run(stack: Stack, run: Run, alone: list[bytes]) -> None:
    with whole_afterwards(stack):
        stack.lab.manager.docker("node", "update", "--availability", "drain", "node2")
        until(lambda: not run.going or stack.connected() == ["node3"], "one worker", LIMIT)
        assert run.going
        assert run.results() == alone


def test_a_worker_may_be_killed_during_a_run_and_is_replaced(
    stack: Stack, run: Run, alone: list[bytes]
) -> None:
    with whole_afterwards(stack):
        signal(stack, "KILL", "worker", stack.lab.nodes[1])
        assert run.going
        assert run.results() == alone


def test_a_worker_may_freeze_during_a_run(stack: Stack, run: Run, alone: list[bytes]) -> None:
    node = stack.lab.nodes[1]
    with whole_afterwards(stack):
        frozen = signal(stack, "STOP", "worker", node)
        try:
            assert run.results() == alone
        finally:
            node.docker("kill", "--signal", "CONT", frozen)


def test_a_node_may_be_cut_off_during_a_run(stack: Stack, run: Run, alone: list[bytes]) -> None:
    node = stack.lab.nodes[1]
    with whole_afterwards(stack):
        node.cut()
        assert run.going
        assert run.results() == alone


def test_a_run_ends_soon_without_its_scheduler_and_the_next_is_right(
    stack: Stack, run: Run, alone: list[bytes], file: Path, tmp_path: Path
) -> None:
    with whole_afterwards(stack):
        signal(stack, "KILL", "scheduler", stack.lab.manager)
        _, errors = run.process.communicate(timeout=CLIENT_ENDS)
        assert run.process.returncode == 1
        assert len(errors.strip().splitlines()) == 1
    with running(file, tmp_path / "next", stack.environment) as following:
        assert following.results() == alone


@contextmanager
def whole_afterwards(stack: Stack) -> Iterator[None]:
    """Repair what the test broke on purpose; the rest must have healed by itself in time."""
    manager, *others = stack.lab.nodes
    try:
        yield
    finally:
        for node in others:
            node.mend()
            stack.label(node)
            manager.docker("node", "update", "--availability", "active", node.name)
        if stack.container("worker", manager):
            stack.unlabel(manager)
        until(lambda: stack.connected() == ["node2", "node3"], "the workers to be back", LIMIT)


def signal(stack: Stack, name: str, service: str, node: Node) -> str:
    """Send a signal to a service's container on a node; its id."""
    container = stack.container(service, node)
    node.docker("kill", "--signal", name, container)
    return container
