"""Dask on this machine, for as long as a block lasts."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from distributed import Client, LocalCluster

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def local(workers: int, threads: int = 1, *, processes: bool = False) -> Iterator[Client]:
    """A client of workers that are parts of this process, or processes of their own."""
    with (
        LocalCluster(
            n_workers=workers,
            threads_per_worker=threads,
            processes=processes,
            dashboard_address=None,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client
