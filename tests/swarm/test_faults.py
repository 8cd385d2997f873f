"""Whatever happens to a node during a run, the run ends with the same bytes.

A gate holds every run after its first partition, so what happens to it happens in its midst.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import gate
from tests.pace import until
from tests.swarm import runs
from tests.swarm.runs import Run, running, signal
from tests.swarm.stack import Stack

ROWS = 400_000
WORKERS = ["node2", "node3"]


@pytest.fixture(scope="module")
def file(stack: Stack) -> Path:
    """A CSV of some 60 MB on the share."""
    return runs.sample(stack, ROWS)


@pytest.fixture(scope="module")
def alone(stack: Stack, file: Path, tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """The results that this machine computes without a cluster."""
    return runs.alone(stack, file, tmp_path_factory.mktemp("alone"))


@pytest.fixture
def run(stack: Stack, file: Path, tmp_path: Path) -> Iterator[Run]:
    """A run on node2 and node3 that has begun, and cannot end before it is let go on."""
    until(lambda: stack.connected() == WORKERS, "workers on node2 and node3")
    many = ("--partitions", f"{gate.PARTITIONS}")
    with stack.client() as client:
        gate.close(client)
        with running(stack, file, tmp_path, stack.environment, *many) as run:
            gate.wait(client)
            yield run
    with stack.client() as client:
        gate.open_(client)


def test_the_cluster_computes_what_one_machine_computes(run: Run, alone: list[bytes]) -> None:
    run.go_on()
    assert run.results() == alone


def test_a_node_that_is_labelled_during_a_run_takes_tasks(
    stack: Stack, run: Run, alone: list[bytes]
) -> None:
    with whole_afterwards(stack):
        stack.label(stack.lab.manager)
        until(lambda: "node1" in run.readers(), "partitions read by the new worker")
        run.go_on()
        assert run.results() == alone


def test_a_node_may_lose_its_label_during_a_run(stack: Stack, run: Run, alone: list[bytes]) -> None:
    with whole_afterwards(stack):
        stack.unlabel(stack.lab.nodes[1])
        run.go_on()
        assert run.results() == alone
        until(lambda: stack.connected() == ["node3"], "one worker")


def test_a_node_may_be_drained_during_a_run(stack: Stack, run: Run, alone: list[bytes]) -> None:
    with whole_afterwards(stack):
        stack.lab.manager.docker("node", "update", "--availability", "drain", "node2")
        run.go_on()
        assert run.results() == alone
        until(lambda: stack.connected() == ["node3"], "one worker")


def test_a_worker_may_be_killed_during_a_run_and_is_replaced(
    stack: Stack, run: Run, alone: list[bytes]
) -> None:
    with whole_afterwards(stack):
        signal(stack, "KILL", "worker", stack.lab.nodes[1])
        run.go_on()
        assert run.results() == alone


def test_a_worker_may_freeze_during_a_run(stack: Stack, run: Run, alone: list[bytes]) -> None:
    node = stack.lab.nodes[1]
    with whole_afterwards(stack):
        frozen = signal(stack, "STOP", "worker", node)
        try:
            run.go_on()
            assert run.results() == alone
        finally:
            node.docker("kill", "--signal", "CONT", frozen)


def test_a_node_may_be_cut_off_during_a_run(stack: Stack, run: Run, alone: list[bytes]) -> None:
    with whole_afterwards(stack):
        stack.lab.nodes[1].cut()
        run.go_on()
        assert run.results() == alone


def test_a_run_ends_without_its_scheduler_and_the_next_is_right(
    stack: Stack, run: Run, alone: list[bytes], file: Path, tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:  # fmt: skip
    with whole_afterwards(stack):
        signal(stack, "KILL", "scheduler", stack.lab.manager)
        code, errors = run.end()
        assert code == 1
        assert len(errors.strip().splitlines()) == 1
        record_property("seen", errors.strip())
    with running(stack, file, tmp_path / "next", stack.environment) as following:
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
        until(lambda: stack.connected() == WORKERS, "the workers to be back")
