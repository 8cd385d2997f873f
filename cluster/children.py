"""The programs that a command runs: none of them outlives it, and an interrupt begins no more."""

import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar, copy_context
from functools import partial
from threading import Event, RLock
from typing import Any, TypeVar

from cluster.errors import ClusterError
from cluster.interrupts import deferred

Value = TypeVar("Value")

DEATH_SECONDS = 1.0
"""How long the end of a killed program is awaited: one that waits for a disk has none."""


_groups: ContextVar[tuple[Event, ...]] = ContextVar("groups", default=())
_running: dict[subprocess.Popen[Any], tuple[Event, ...]] = {}
_lock = RLock()  # a signal may stop them anywhere


@contextmanager
def child(arguments: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[Any]]:
    """Run a program, with the options of `subprocess.Popen`, for as long as the block lasts.

    It is awaited at the block's end, and killed when an exception ends that. Raises ClusterError in
    a group that was stopped.
    """
    with deferred() as heard, _begun(arguments, options) as process, heard():
        yield process


@contextmanager
def _begun(arguments: Sequence[str], options: Mapping[str, Any]) -> Iterator[subprocess.Popen[Any]]:
    groups = _groups.get()
    with _lock:  # so that whoever stops them knows them all
        if any(group.is_set() for group in groups):
            raise ClusterError("interrupted: run the same command again to go on")
        process = subprocess.Popen(arguments, **options)  # noqa: S603 (no shell)
        _running[process] = groups
    try:
        with process:
            try:
                yield process
            except BaseException:
                process.kill()
                raise
    finally:
        _running.pop(process)


def run(
    arguments: Sequence[str],
    *,
    seconds: float,
    text: str | None = None,
    stdin: Any = None,
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; return its exit code and what it wrote to either stream.

    It is fed the `text`, or the file `stdin`, and has the variables `env`, or this process's.
    Raises subprocess.TimeoutExpired, with the program killed, if it takes longer than `seconds`.
    """
    pipe = subprocess.PIPE
    streams = {"stdin": stdin if text is None else pipe, "stdout": pipe, "stderr": pipe}
    with child(arguments, **streams, env=env, text=True, errors="replace") as process:
        out, err = process.communicate(text, timeout=seconds)
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


def grouped(work: Callable[[], Value], group: Event) -> Callable[[], Value]:
    """Return `work` with all programs that it runs in a `group`, as in those it is in already."""
    context = copy_context()
    context.run(_groups.set, (*_groups.get(), group))
    return partial(context.run, work)


def stop(group: Event | None = None) -> None:
    """Kill the programs of a `group` that run, and let it begin no more; without one, kill all."""
    with _lock:
        if group:
            group.set()
        running = [one for one, groups in _running.items() if group is None or group in groups]
    for process in running:
        process.kill()
    for process in running:
        with suppress(subprocess.TimeoutExpired):
            process.wait(DEATH_SECONDS)
