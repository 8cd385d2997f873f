"""Doing several things at the same time, and ending them together."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Event
from typing import TypeVar

from cluster.children import grouped, stop

Value = TypeVar("Value")

GRACE_SECONDS = 3.0
"""How long an interrupt waits for what is being done, once the programs that do it are killed."""


def side_by_side(works: Iterable[Callable[[], Value]]) -> list[Future[Value]]:
    """Do all `works` at the same time, each in a thread; return what they came to, in order.

    An interrupt kills the programs that they run, and lets them begin no more.
    """
    works = list(works)
    group = Event()
    pool = ThreadPoolExecutor(len(works) or 1)
    futures: list[Future[Value]] = []
    try:
        futures.extend(pool.submit(grouped(work, group)) for work in works)
        wait(futures)
    except BaseException:
        stop(group)
        wait(futures, GRACE_SECONDS)
        raise
    finally:
        pool.shutdown(wait=False)
    return futures
