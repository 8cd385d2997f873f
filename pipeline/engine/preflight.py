"""Before a run: every worker has the same versions as this machine, and sees the same file."""

from __future__ import annotations

import socket
from concurrent import futures
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from itertools import chain
from time import monotonic
from typing import TYPE_CHECKING

from pipeline.engine.wait import Patience, handing_over, reachable, workers_of
from pipeline.errors import ClusterError, InputError, cause
from pipeline.fingerprint import fingerprint
from pipeline.formats.file import Identity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from distributed import Client, Future

_PACKAGES = ("dask", "distributed", "numpy", "numba", "pyarrow", "isal", "backports-zstd")


@dataclass(frozen=True)
class NodeState:
    """What must not differ: the versions on a node, and each file that it sees, if it sees it."""

    node: str
    versions: dict[str, str]
    identities: tuple[Identity | None, ...]

    @classmethod
    def of(cls, paths: Sequence[Path]) -> NodeState:
        """Return the state of this node."""
        identities = tuple(_identity(path) for path in paths)
        versions = {name: version(name) for name in _PACKAGES} | {"pipeline": fingerprint()}
        return cls(socket.gethostname(), versions, identities)


def _identity(path: Path) -> Identity | None:
    try:
        return Identity.of(path)
    except OSError:
        return None


def check(client: Client, paths: Sequence[Path], patience: Patience = Patience()) -> None:
    """Compare all workers with this machine, and the files at `paths` as each sees them.

    Raises ClusterError when a worker does not answer or has other versions, InputError when it
    cannot read a file or sees another one.
    """
    here = NodeState.of(paths)
    for there in _ask_all(client, paths, patience):
        compare(paths, here, there)


def _ask_all(client: Client, paths: Sequence[Path], patience: Patience) -> list[NodeState]:
    """Return the state of each worker that stays until it has answered, and of one at least."""
    ends = monotonic() + patience.stalled
    with reachable(client):
        while (left := ends - monotonic()) > 0:
            with suppress(TimeoutError):
                client.wait_for_workers(1, timeout=left)
            asked = {
                worker: client.submit(NodeState.of, paths, workers=[worker], pure=False, retries=0)
                for worker in workers_of(client, patience)
            }
            answers = (_answer(client, *each, ends, patience) for each in asked.items())
            if states := list(chain.from_iterable(answers)):
                return states
    raise ClusterError(
        f"no worker has stayed to answer within {patience.stalled} s; "
        "see why with: python -m cluster status"
    )


def _answer(
    client: Client, worker: str, future: Future[NodeState], ends: float, patience: Patience
) -> list[NodeState]:
    """Return what a worker answers until `ends`; nothing, if it goes away instead."""
    with handing_over(client, future) as handed:
        while not futures.wait([handed], timeout=patience.poll).done:
            if worker not in workers_of(client, patience):
                return []
            if monotonic() > ends:
                raise ClusterError(
                    f"the worker at {worker} did not answer within {patience.stalled} s; "
                    "see why with: python -m cluster doctor"
                )
        if future.status == "error":
            raise ClusterError(
                f"the worker at {worker} cannot run this package "
                f"({cause(handed.exception(timeout=0))}); does it run the cluster's image?"
            )
        return [handed.result(timeout=0)]


def compare(paths: Sequence[Path], here: NodeState, there: NodeState) -> None:
    """Refuse a node with other versions than this machine, or with another file at a path."""
    if there.versions != here.versions:
        differing = ", ".join(
            f"{name} {there.versions.get(name, '(unknown)')} instead of {ours}"
            for name, ours in here.versions.items()
            if there.versions.get(name) != ours
        )
        raise ClusterError(
            f"node {there.node} has {differing}; bring it up to date: python -m cluster up"
        )
    for path, ours, theirs in zip(paths, here.identities, there.identities, strict=True):
        if theirs is None:
            raise InputError(f"node {there.node} cannot read {path}; is the share mounted there?")
        if theirs != ours:
            raise InputError(
                f"node {there.node} sees another {path} than this machine (size, time or first "
                "bytes differ); is the same share mounted there?"
            )
