"""Asking and changing one host over SSH, with pyinfra's facts and operations.

pyinfra keeps its connection in global state and its greenlets do not mix with threads, so each
call runs `cluster.hosts.pyinfra_process` in a process of its own: hosts are worked on side by
side, and a call that takes too long can be ended.
"""

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from cluster import children
from cluster.errors import ClusterError
from cluster.inventory import Node
from cluster.plan import Step

ASK_SECONDS = 180.0
CHANGE_SECONDS = 1200.0


@dataclass(frozen=True)
class Call:
    """A pyinfra fact or operation (`files.FileContents`, `apt.packages`) and its arguments."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


def call(name: str, **arguments: Any) -> Call:
    """Make a Call with keyword arguments."""
    return Call(name, arguments)


@dataclass(frozen=True)
class Change:
    """Operations to do on one host, in order; each changes only what is not yet as it says."""

    node: Node
    operations: tuple[Call, ...]

    def apply(self) -> None:
        """Do them; raise ClusterError with the host and what it said when one fails."""
        _run(self.node, "operations", self.operations, CHANGE_SECONDS)


def change_step(node: Node, what: str, why: str, *operations: Call) -> Step:
    """Make a step of operations on one host."""
    return Step(node.address, what, why, Change(node, operations))


def ask(node: Node, facts: Iterable[Call]) -> list[Any]:
    """Read facts of a host, in order; raise ClusterError when it cannot be reached or asked."""
    answers: list[Any] = _run(node, "facts", tuple(facts), ASK_SECONDS)
    return answers


def _run(node: Node, what: str, calls: tuple[Call, ...], seconds: float) -> Any:
    if find_spec("pyinfra") is None:
        raise ClusterError(
            "bare hosts need pyinfra on this machine: install what requirements-hosts.lock names, "
            "or the wheel with its extra: dask_swarm-….whl[hosts]"
        )
    request = {
        "address": node.address,
        "user": node.user,
        "what": what,
        "calls": [[one.name, one.arguments] for one in calls],
    }
    try:
        done = children.run(
            [sys.executable, "-m", "cluster.hosts.pyinfra_process"],
            seconds=seconds,
            text=json.dumps(request),
        )
    except subprocess.TimeoutExpired:
        raise ClusterError(
            f"{node.address}: no answer within {seconds:.0f} s; check that it is up"
        ) from None
    if done.returncode:
        last = (done.stderr.strip() or "no reason given").splitlines()[-1]
        raise ClusterError(f"{node.address}: {last}")
    return json.loads(done.stdout)
