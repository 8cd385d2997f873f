"""The worker processes of a node: one is the container's own, several have a parent.

The parent knows nothing of Dask. It passes SIGTERM on, and when one process ends it lets the others
leave and ends: Docker Swarm starts all of them again.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

from service.allotment import choose_cpus, processes_of, settings_of
from service.lifetime import without_more_rights
from service.share import check_share

LEAVING = 85.0
"""Seconds for all to leave: more than a worker takes, less than the stack's grace period."""


async def supervise(commands: Sequence[Sequence[str]], seconds: float = LEAVING) -> int:
    """Run all commands until one ends or SIGTERM comes, then let all leave; return the exit code.

    SIGTERM is passed on, and whoever has not left after so many `seconds` is killed.
    """
    terminated = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, terminated.set)
    processes = [await asyncio.create_subprocess_exec(*command) for command in commands]
    ends = [asyncio.ensure_future(process.wait()) for process in processes]
    told = asyncio.ensure_future(terminated.wait())
    await asyncio.wait([*ends, told], return_when=asyncio.FIRST_COMPLETED)
    code = 0
    for place, process in enumerate(processes, start=1):
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
        else:
            code = code or process.returncode or 1
            sys.stderr.write(_obituary(place, len(processes), process.returncode))
            sys.stderr.flush()
    await asyncio.wait(ends, timeout=seconds)
    for process in processes:
        with suppress(ProcessLookupError):
            process.kill()
    told.cancel()
    return 128 - code if code < 0 else code


def _obituary(place: int, count: int, code: int) -> str:
    how = f"by signal {-code}" if code < 0 else f"with code {code}"
    return (
        f"worker process {place} of {count} has ended {how}; the others leave, and Docker Swarm "
        "starts all of them again\n"
    )


def _run() -> None:
    """Be the one worker process of this container, or the parent of several.

    All use the CPUs that are chosen here, as do the programs that their tasks start.
    """
    settings = settings_of(os.environ["NODE"], os.environ["WORKER_ALLOTMENTS"])
    without_more_rights()
    check_share()
    os.sched_setaffinity(0, choose_cpus(settings, os.sched_getaffinity(0), os.environ["TASK"]))
    worker = [sys.executable, "-m", "service.worker"]
    count = processes_of(settings)
    if count == 1:
        os.execv(sys.executable, worker)  # noqa: S606 (this very program)
    sys.exit(asyncio.run(supervise([[*worker, str(place)] for place in range(count)])))


if __name__ == "__main__":
    _run()
