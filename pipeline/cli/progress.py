"""The progress of a run on stderr: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, Self

from pipeline.cli.terminal import tell
from pipeline.engine.observer import Observer

if TYPE_CHECKING:
    from collections.abc import Callable

    from distributed import Client

    from pipeline.engine.observer import PartitionRead

_EVERY = 10.0
"""Seconds from one line in a log to the next."""

_MEGABYTE = 1_000_000
_MINUTE = 60


@dataclass
class Standing:
    """How far a run is.

    Attributes:
        partitions: How many partitions there are.
        size: How many bytes they have.
        done: How many partitions were read.
        rows: How many values they have.
        read: How many bytes they have.
        workers: How many workers there are; 0 before that is known.
        waits: What is waited for, beside the reading; empty if for nothing.

    """

    partitions: int = 0
    size: int = 0
    done: int = 0
    rows: int = 0
    read: int = 0
    workers: int = 0
    waits: str = ""

    def line(self, seconds: float) -> str:
        """Return it in words, so many `seconds` after the run began."""
        parts = [f"{self.done:,} of {self.partitions:,} partitions", f"{self.rows:,} values"]
        parts += self.speed(seconds)
        if self.workers:
            parts.append(f"{self.workers} worker{'s' * (self.workers > 1)}")
        parts += [self.state] if self.state else []
        return ", ".join(parts)

    @property
    def state(self) -> str:
        """What is waited for: that, or the merging when all partitions are read."""
        return self.waits or ("merging" if self.done >= self.partitions else "")

    def speed(self, seconds: float) -> list[str]:
        """Return how fast it goes after so many `seconds` and what is left; nothing at first."""
        if not (0 < self.done < self.partitions and self.read and seconds > 0):
            return []
        left = seconds * (self.size - self.read) / self.read
        shown = f"{left:.0f} s" if left < 2 * _MINUTE else f"{left / _MINUTE:.0f} min"
        return [f"{self.read / seconds / _MEGABYTE:,.0f} MB/s", f"{shown} left"]


class Progress(Observer):
    """Shows the progress of a run on stderr, and notices.

    On a terminal there is a bar while the run goes on; else a line every ten seconds. Both tell
    what is waited for.
    """

    def __init__(
        self,
        *,
        quiet: bool,
        every: float = _EVERY,
        say: Callable[[str], None] = tell,
    ) -> None:
        """Make one that shows nothing if `quiet`, else a line `every` so many seconds by `say`."""
        self._quiet = quiet
        self._every = every
        self._say = say
        self._standing = Standing()
        self._began = 0.0
        self._changing = Lock()
        self._bar: Any = None
        self._task: Any = None
        self._over = Event()
        self._log: Thread | None = None

    def __enter__(self) -> Self:
        """Return it: progress is shown when the run begins."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the bar from the screen, and say no more."""
        self._over.set()
        if self._log:
            self._log.join()
        if self._bar:
            with suppress(OSError, ValueError):
                self._bar.stop()

    def notice(self, text: str) -> None:
        """Print `text`, a sentence that the user should read."""
        if not self._quiet:
            self._say(f"note: {text}")

    def start(self, client: Client, partitions: int, size: int) -> None:
        """Print the address of the `client`'s dashboard, and begin to show progress.

        `partitions` are to be read, `size` bytes in all. A run that begins again begins at nothing.
        """
        if self._quiet:
            return
        with self._changing:
            self._standing = Standing(partitions, size)
            self._began = monotonic()
        if self._bar or self._log:
            self._show()
            return
        self._say(f"dashboard: {client.dashboard_link}")
        if sys.stderr is not None and sys.stderr.isatty():
            self._bar = _bar()
            self._task = self._bar.add_task("", total=size, **self._fields())
            with suppress(OSError, ValueError):
                self._bar.start()
        else:
            self._log = Thread(target=self._write_log, daemon=True)
            self._log.start()

    def done(self, leaf: PartitionRead) -> None:
        """Count one partition, `leaf`."""
        with self._changing:
            self._standing.done += 1
            self._standing.rows += leaf.count
            self._standing.read += leaf.size
        self._show()

    def watch(self, workers: int, waits: str) -> None:
        """Take note of how many `workers` there are, and of what the run `waits` for."""
        with self._changing:
            self._standing.workers, self._standing.waits = workers, waits
        self._show()

    def _show(self) -> None:
        if self._bar:
            self._bar.update(self._task, completed=self._standing.read, **self._fields())

    def _fields(self) -> dict[str, Any]:
        standing = self._standing
        return {
            "done": f"{standing.done:,}/{standing.partitions:,} partitions",
            "rows": f"{standing.rows:,} values",
            "speed": ", ".join(standing.speed(monotonic() - self._began)),
            "state": standing.state,
        }

    def _write_log(self) -> None:
        while not self._over.wait(self._every):
            with self._changing:
                line = self._standing.line(monotonic() - self._began)
            self._say(f"progress: {line}")


def _bar() -> Any:
    from rich import progress
    from rich.console import Console

    return progress.Progress(
        progress.BarColumn(),
        progress.TextColumn("{task.fields[done]}"),
        progress.TextColumn("{task.fields[rows]}"),
        progress.TextColumn("{task.fields[speed]}"),
        progress.TextColumn("{task.fields[state]}"),
        console=Console(stderr=True),
        transient=True,
    )
