"""What Dask's scheduler would keep of each run for as long as it lives: its span.

A span counts what tasks cost, holds on to their groups after they are forgotten, and stays; workers
count by span, too. So all runs share one span, and each takes from it what earlier runs left there.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from dask.base import annotate, get_annotations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distributed import Client, Scheduler

SPAN = "pipeline"
_SECONDS = 20


@contextmanager
def one_span(client: Client) -> Iterator[None]:
    """Put all that is submitted in the block into the one span, unless it is in the user's own."""
    if "span" in get_annotations():
        yield
        return
    # Without it, all that is lost is memory: a scheduler that is gone, or has not this package.
    with suppress(OSError, ImportError):
        client.run_on_scheduler(_forget, callback_timeout=_SECONDS)
    with annotate(span={"name": (SPAN,), "ids": (SPAN,)}):
        yield


def _forget(dask_scheduler: Scheduler) -> None:
    """Let go of the groups of tasks that the scheduler itself has forgotten."""
    spans = dask_scheduler.extensions.get("spans")
    if spans and (span := spans.spans.get(SPAN)):
        span.groups.intersection_update(dask_scheduler.task_groups.values())
        (span.metadata or {}).get("collections", []).clear()
