"""Waiting until a problem is gone, with a limit."""

import time
from collections.abc import Callable

from cluster.errors import ClusterError


def wait_until_none(
    problem: Callable[[], ClusterError | None], *, seconds: float, poll_seconds: float
) -> None:
    """Call `problem` every `poll_seconds` until it returns None.

    Raises the error it returns when one is still there after `seconds`. What `problem` raises
    itself ends the wait at once.
    """
    deadline = time.monotonic() + seconds
    while error := problem():
        if time.monotonic() > deadline:
            raise error
        time.sleep(poll_seconds)
