"""How long the tests wait before they call something hung: in proportion to the machine's speed."""

from __future__ import annotations

import subprocess
import sys
import time
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

STARTS = 5
QUIET = 0.05
"""Seconds that one start of Python takes on two quiet cores, with room to spare."""

PATIENCE = 300.0
POLL = 0.2


@cache
def pace() -> float:
    """How many times slower than a quiet machine this one is, and never less than 1.

    It is measured by starting processes, which is what most of the waiting is for.
    """
    began = time.monotonic()
    for _ in range(STARTS):
        subprocess.run([sys.executable, "-c", "import json"], check=True)
    return max(1.0, (time.monotonic() - began) / STARTS / QUIET)


def limit(seconds: float = PATIENCE) -> float:
    """What on this machine corresponds to so many seconds on a quiet one."""
    return seconds * pace()


def until(condition: Callable[[], object], what: str) -> None:
    """Ask until `condition` is true; TimeoutError naming `what` when that takes for ever."""
    end = time.monotonic() + limit()
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {limit():.0f} s: {what}")
        time.sleep(POLL)
