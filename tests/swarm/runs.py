"""Runs of the command line on the stack of a lab."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import gate
from tests.pace import limit
from tests.swarm.lab import Node
from tests.swarm.stack import ROOT, Stack

FILES = ("combined_results.csv", "results.json")


@dataclass(frozen=True)
class Run:
    """A run of the command line in a process of its own, which stands before the gate."""

    process: subprocess.Popen[str]
    output: Path
    stack: Stack

    def go_on(self) -> None:
        """Open the gate."""
        with self.stack.client() as client:
            gate.open_(client)

    def readers(self) -> set[str]:
        """The nodes that have read a partition."""
        with self.stack.client() as client:
            return {name.partition("-")[0] for name in gate.readers(client)}

    def end(self) -> tuple[int, str]:
        """Wait for the end; the exit code, and what the run wrote to stderr."""
        _, errors = self.process.communicate(timeout=limit())
        return self.process.returncode, errors

    def results(self) -> list[bytes]:
        """The bytes of the results of a run that must succeed."""
        code, errors = self.end()
        assert code == 0, errors
        return [(self.output / file).read_bytes() for file in FILES]


def sample(stack: Stack, rows: int) -> Path:
    """A CSV on the share; 400,000 rows are some 60 MB."""
    path = stack.lab.data / "sample.csv"
    command = [sys.executable, "-m", "pipeline.sample", str(path), "--rows", str(rows)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return path


def alone(stack: Stack, file: Path, output: Path) -> list[bytes]:
    """The results that this machine computes without a cluster."""
    with running(stack, file, output, {}, "--partitions", "7") as run:
        return run.results()


@contextmanager
def running(
    stack: Stack, file: Path, output: Path, environment: dict[str, str], *options: str
) -> Iterator[Run]:
    """A run of the command line, which ends with the block at the latest."""
    command = [sys.executable, "-m", "pipeline.run", str(file), "--quiet", *options]
    # Dask warns when the tests' own Python differs from the image's in its last digit.
    environment = {**os.environ, "PYTHONWARNINGS": "ignore", **environment}
    with subprocess.Popen(
        [*command, "--output", str(output)], cwd=ROOT, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            yield Run(process, output, stack)
        finally:
            process.kill()


def signal(stack: Stack, name: str, service: str, node: Node) -> str:
    """Send a signal to a service's container on a node; its id."""
    container = stack.container(service, node)
    node.docker("kill", "--signal", name, container)
    return container
