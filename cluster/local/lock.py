"""One command at a time may change a cluster."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cluster.errors import ClusterError
from cluster.local.private_files import make_private


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold a lock on a cluster's state folder; refuse at once if another command holds it."""
    make_private(folder)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        _lock(descriptor, folder)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ClusterError(
            f"another `python -m cluster` is changing this cluster: {folder} is locked; "
            "wait until it has ended"
        ) from None
