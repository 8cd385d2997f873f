"""The progress of a run in a notebook, or in a program: a bar of tqdm's."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from pipeline.engine.observer import Observer

if TYPE_CHECKING:
    from distributed import Client

    from pipeline.engine.observer import PartitionRead

_SHORT = 2.0
"""Seconds: a run that is over by then shows no bar."""


def in_a_notebook() -> bool:
    """Return whether this process computes for a notebook: a kernel of IPython's runs in it."""
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    return hasattr(get_ipython(), "kernel")


class Bar(Observer):
    """Shows how many bytes are read, and what is waited for; nothing is left of it at the end."""

    def __init__(self, *, shown: bool = True) -> None:
        """Begin without a bar: how long it is becomes known when a run starts.

        It is never `shown` if it is not to be.
        """
        self._shown = shown
        self._bar: Any = None
        self._values = 0

    def start(self, client: Client, partitions: int, size: int) -> None:
        """Begin a bar of `size` bytes, perhaps anew; `client` and `partitions` do not show."""
        del client, partitions
        if not self._shown:
            return
        from tqdm.auto import tqdm

        self.end()
        self._values = 0
        self._bar = tqdm(total=size, unit="B", unit_scale=True, delay=_SHORT, leave=False)

    def done(self, leaf: PartitionRead) -> None:
        """Go on by what was read of `leaf`."""
        self._values += leaf.count
        if self._bar is not None:
            self._bar.set_postfix_str(f"{self._values:,} values", refresh=False)
            self._bar.update(leaf.size)

    def watch(self, workers: int, waits: str) -> None:
        """Say what the run `waits` for, if for anything, and with how many `workers`."""
        if self._bar is not None:
            said = f"{workers} workers, {waits}" if waits else ""
            self._bar.set_description_str(said, refresh=bool(waits))

    def end(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
