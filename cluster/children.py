"""The programs that a command runs: none of them outlives it, and an interrupt begins no more."""

import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from cluster.errors import ClusterError
from cluster.interrupts import deferred

DEATH_SECONDS = 1.0
"""How long the end of a killed program is awaited: one that waits for a disk has none."""


class _Running:
    """The programs that run just now, whatever thread has begun them."""

    def __init__(self) -> None:
        self.lock = threading.RLock()  # a signal may stop them anywhere
        self.processes: set[subprocess.Popen[Any]] = set()
        self.stopped = False


_running = _Running()


@contextmanager
def child(arguments: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[Any]]:
    """Run a program, with the options of `subprocess.Popen`, for as long as the block lasts.

    It is awaited at the block's end, and killed when an exception ends that. Once the programs were
    stopped, only the main thread, which tidies up, begins another; ClusterError elsewhere.
    """
    with deferred() as heard, _begun(arguments, options) as process, heard():
        yield process


@contextmanager
def _begun(arguments: Sequence[str], options: Mapping[str, Any]) -> Iterator[subprocess.Popen[Any]]:
    with _running.lock:  # so that whoever stops them knows them all
        if _running.stopped and threading.current_thread() is not threading.main_thread():
            raise ClusterError("interrupted: run the same command again to go on")
        process = subprocess.Popen(arguments, **options)  # noqa: S603 (no shell)
        _running.processes.add(process)
    try:
        with process:
            try:
                yield process
            except BaseException:
                process.kill()
                raise
    finally:
        _running.processes.discard(process)


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


def stop() -> None:
    """Kill the programs that run, and let other threads begin no more."""
    with _running.lock:
        _running.stopped = True
        running = list(_running.processes)
    for process in running:
        process.kill()
    for process in running:
        with suppress(subprocess.TimeoutExpired):
            process.wait(DEATH_SECONDS)
