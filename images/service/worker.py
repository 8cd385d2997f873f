"""A worker of the cluster: one process, restarted by Docker Swarm.

There is no nanny: Swarm is the one that restarts, and a worker that hangs together with its nanny
would be missed much later than one without.
"""

import asyncio
import logging
import os
import socket
import sys
from contextlib import suppress
from functools import partial

import dask.config
from dask.utils import format_bytes
from distributed import Security, Worker
from distributed.comm.core import connect
from distributed.system import MEMORY_LIMIT
from tornado.ioloop import PeriodicCallback

from service import metrics, node
from service.allotment import Allotment, allot, settings_of
from service.health import PORT
from service.lifetime import serve
from service.security import Guarded

PATIENCE = 300.0
LEAVE = 75.0
"""Seconds to wait for a scheduler, and to hand over results: less than the stack's grace period."""
FILLING = 0.6
"""The part of its memory from which on a worker gives a sign with every look at it."""
LOOK = 100.0
"""Milliseconds between two looks: memory may be full in half a second."""
LAST_WORD = 1.0
"""Seconds to wait for the scheduler to hear of it: memory may fill meanwhile."""
TOO_LARGE = 137
"""The exit code of a worker that had too much, as if the kernel had ended it."""

log = logging.getLogger("distributed.worker")


async def work(place: int) -> None:
    """Join the scheduler as a worker; on SIGTERM hand over what it holds, then leave.

    Several processes of a node have a `place` each, counted from 0.
    """
    settings = settings_of(os.environ["NODE"], os.environ["WORKER_ALLOTMENTS"])
    allotment = allot(settings, len(os.sched_getaffinity(0)), node.memory(), MEMORY_LIMIT)
    with suppress(OSError):  # where the kernel refuses, the container's limit is left
        node.go_first()
    scheduler, security = dask.config.get("scheduler-address"), Guarded()
    await _reach(scheduler, security)
    worker = Worker(
        scheduler,
        name=_name(place, allotment.processes),
        nthreads=allotment.threads,
        memory_limit=allotment.limit,
        resources=allotment.resources_of(place),
        metrics={node.METRIC: partial(node.state, allotment.processes)},
        dashboard_address=f"127.0.0.1:{PORT + place}",
        security=security,
    )
    metrics.offer(worker)
    look = partial(_tell, worker, allotment)
    worker.periodic_callbacks["filling"] = PeriodicCallback(look, LOOK)
    async with worker:
        try:
            await worker.finished()
        except asyncio.CancelledError:
            await _leave(worker)


def _name(place: int, processes: int) -> str:
    """Return a name that no other worker has, now or earlier: NODE-TASK or NODE-TASK.PLACE."""
    name = f"{socket.gethostname()}-{os.environ['TASK'][:8]}"
    return f"{name}.{place + 1}" if processes > 1 else name


async def _tell(worker: Worker, allotment: Allotment) -> None:
    """Give a sign of life, with how much memory is in use, if that may soon be too much.

    Otherwise the scheduler's last word of a worker that the kernel ends is half a second old. One
    with too much ends itself: the container's limit is that of the largest node.
    """
    own = node.own_memory(node.STATM.read_text())
    if max(own, worker.monitor.get_process_memory()) < FILLING * allotment.limit:
        return
    with suppress(TimeoutError):
        await asyncio.wait_for(worker.heartbeat(), LAST_WORD)
    if own > allotment.of_one:
        log.error(
            "%s ends itself: it has %s of memory, and may have %s",
            *(worker.name, format_bytes(own), format_bytes(allotment.of_one)),
        )
        os._exit(TOO_LARGE)


async def _leave(worker: Worker) -> None:
    try:
        await asyncio.wait_for(worker.close_gracefully(), LEAVE)
    except OSError as error:  # a timeout, or the scheduler ends as well
        log.warning("Leaving without handing over results: %s", error)


async def _reach(scheduler: str, security: Security) -> None:
    """Wait until the scheduler's name resolves and its port answers.

    A worker that starts before that takes an address nobody can reach for its own, for good.
    """
    log.info("Waiting for the scheduler at %s", scheduler)
    comm = await connect(scheduler, timeout=PATIENCE, **security.get_connection_args("worker"))
    await comm.close()


if __name__ == "__main__":
    serve(work(int(sys.argv[1]) if sys.argv[1:] else 0))
