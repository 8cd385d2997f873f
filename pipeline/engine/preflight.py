"""Before a run: every worker has the same versions as this machine, and sees the same file."""

from __future__ import annotations

import socket
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from time import monotonic
from typing import TYPE_CHECKING, Any

from distributed import wait

from pipeline.engine.wait import Patience, reachable
from pipeline.errors import ClusterError, InputError, cause
from pipeline.fingerprint import fingerprint
from pipeline.formats.file import Identity

if TYPE_CHECKING:
    from pathlib import Path

    from distributed import Client, Future

_PACKAGES = ("dask", "distributed", "numpy", "numba")


@dataclass(frozen=True)
class NodeState:
    """What must not differ: the versions on a node, and the file that it sees, if it sees one."""

    node: str
    versions: dict[str, str]
    identity: Identity | None

    @classmethod
    def of(cls, path: Path) -> NodeState:
        """Return the state of this node."""
        try:
            identity = Identity.of(path)
        except OSError:
            identity = None
        versions = {name: version(name) for name in _PACKAGES} | {"pipeline": fingerprint()}
        return cls(socket.gethostname(), versions, identity)


def check(client: Client, path: Path, patience: Patience = Patience()) -> None:
    """Compare all workers with this machine, and the file at `path` as each sees it.

    Raises ClusterError when a worker does not answer or has other versions, InputError when it
    cannot read the file or sees another one.
    """
    here = NodeState.of(path)
    for worker, future in _ask_all(client, path, patience).items():
        if not future.done():
            raise ClusterError(
                f"the worker at {worker} did not answer within {patience.stalled} s; "
                "see why with: python -m cluster doctor"
            )
        there = future.result() if future.status == "finished" else future.exception()
        if not isinstance(there, NodeState):
            raise ClusterError(
                f"the worker at {worker} cannot run this package ({cause(there)}); "
                "does it run the cluster's image?"
            )
        compare(path, here, there)


def _ask_all(client: Client, path: Path, patience: Patience) -> dict[str, Future[Any]]:
    """Ask each worker for its state; wait until all that are still there have answered."""
    with reachable(client):
        states = {
            worker: client.submit(NodeState.of, path, workers=[worker], pure=False, retries=0)
            for worker in client.nthreads()
        }
        ends = monotonic() + patience.stalled
        while True:
            present = client.nthreads()
            states = {worker: future for worker, future in states.items() if worker in present}
            waiting = [future for future in states.values() if not future.done()]
            if not waiting or monotonic() > ends:
                return states
            with suppress(TimeoutError):
                wait(waiting, timeout=patience.poll)


def compare(path: Path, here: NodeState, there: NodeState) -> None:
    """Refuse a node with other versions than this machine, or with another file at `path`."""
    if there.versions != here.versions:
        differing = ", ".join(
            f"{name} {there.versions.get(name, '(unknown)')} instead of {ours}"
            for name, ours in here.versions.items()
            if there.versions.get(name) != ours
        )
        raise ClusterError(
            f"node {there.node} has {differing}; bring it up to date: python -m cluster up"
        )
    if there.identity is None:
        raise InputError(f"node {there.node} cannot read {path}; is the share mounted there?")
    if there.identity != here.identity:
        raise InputError(
            f"node {there.node} sees another {path} than this machine (size, time or first bytes "
            "differ); is the same share mounted there?"
        )
