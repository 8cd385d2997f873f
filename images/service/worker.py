"""A worker of the cluster: one process per container, restarted by Docker Swarm.

There is no nanny: Swarm is the one that restarts, and a worker that hangs together with its nanny
would be missed much later than one without.
"""

import asyncio
import logging
import math
import os
import socket
import sys
from functools import partial
from pathlib import Path

import dask.config
from distributed import Security, Worker
from distributed.comm.core import connect
from tornado.ioloop import PeriodicCallback

from service import metrics, node
from service.lifetime import serve
from service.security import Guarded

SENTINEL = ".dask-swarm"
PATIENCE = 300.0
LEAVE = 75.0
"""Seconds to wait for a scheduler, and to hand over results: less than the stack's grace period."""
FILLING = 0.6
"""The part of its memory from which on a worker gives a sign with every look at it."""
LOOK = 100.0
"""Milliseconds between two looks: memory may be full in half a second."""

log = logging.getLogger("distributed.worker")


async def work() -> None:
    """Join the scheduler as a worker; on SIGTERM hand over what it holds, then leave."""
    _check_share()
    scheduler, security = dask.config.get("scheduler-address"), Guarded()
    await _reach(scheduler, security)
    worker = Worker(
        scheduler,
        name=f"{socket.gethostname()}-{os.environ['TASK'][:8]}",
        nthreads=math.ceil(float(os.environ["CPUS"])),
        # The rest of the container's memory is for what is not measured in time.
        memory_limit=0.85,
        metrics={node.METRIC: node.state},
        dashboard_address="127.0.0.1:8787",
        security=security,
    )
    metrics.offer(worker)
    worker.periodic_callbacks["filling"] = PeriodicCallback(partial(_tell, worker), LOOK)
    async with worker:
        try:
            await worker.finished()
        except asyncio.CancelledError:
            await _leave(worker)


async def _tell(worker: Worker) -> None:
    """Give a sign of life, with how much memory is in use, if that may soon be too much.

    Otherwise the scheduler's last word of a worker that the kernel ends is half a second old.
    """
    most = worker.memory_manager.memory_limit
    if most and worker.monitor.get_process_memory() >= FILLING * most:
        await worker.heartbeat()


async def _leave(worker: Worker) -> None:
    try:
        await asyncio.wait_for(worker.close_gracefully(), LEAVE)
    except OSError as error:  # a timeout, or the scheduler ends as well
        log.warning("Leaving without handing over results: %s", error)


def _check_share() -> None:
    for folder in (os.environ["DATA_PATH"], os.environ["RESULTS_PATH"]):
        if not Path(folder, SENTINEL).is_file():
            sys.exit(
                f"{socket.gethostname()}: {folder} has no file {SENTINEL}, so the share is not "
                "mounted on this node: mount it, or run `python -m cluster doctor`"
            )


async def _reach(scheduler: str, security: Security) -> None:
    """Wait until the scheduler's name resolves and its port answers.

    A worker that starts before that takes an address nobody can reach for its own, for good.
    """
    log.info("Waiting for the scheduler at %s", scheduler)
    comm = await connect(scheduler, timeout=PATIENCE, **security.get_connection_args("worker"))
    await comm.close()


if __name__ == "__main__":
    serve(work())
