"""A Dask cluster of processes on this machine, each worker's processor time limited if asked."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import dask.config
from distributed import Client

CONTROLLERS = Path("/sys/fs/cgroup")
PERIOD_MICROSECONDS = 100_000
START_SECONDS = 120
STOP_SECONDS = 30
IMAGE = Path(__file__).parents[1] / "images"


def as_in_the_image() -> dict[str, str]:
    """The environment that makes a process allocate memory, and schedule tasks, as in the image."""
    found = dict(re.findall(r"\b(MALLOC_\w+)=(\d+)", (IMAGE / "Dockerfile").read_text("utf-8")))
    settings = dask.config.collect([str(IMAGE / "service" / "dask.yaml")], env={})
    ahead = dask.config.get("distributed.scheduler.worker-saturation", config=settings)
    return found | {"DASK_DISTRIBUTED__SCHEDULER__WORKER_SATURATION": str(ahead)}


@contextmanager
def cluster(workers: int, processor: float | None = None) -> Iterator[Client]:
    """A client of *workers* single-threaded workers, each held to *processor* CPUs."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        contact = folder / "scheduler.json"
        options = ["--scheduler-file", str(contact), "--no-dashboard"]
        fair = ["--preload", str(IMAGE / "service" / "fair.py")]
        stack.enter_context(_dask("scheduler", "--port", "0", *options, *fair))
        # Without a nanny a worker is one process, which is what can be measured and held.
        worker = [*options, "--no-nanny", "--nthreads", "1", "--local-directory", str(folder)]
        worker += ["--death-timeout", str(STOP_SECONDS)]
        for _ in range(workers):
            prefix = stack.enter_context(_held_to(processor)) if processor else []
            stack.enter_context(_dask("worker", *worker, prefix=prefix))
        client = stack.enter_context(
            Client(scheduler_file=str(contact), timeout=START_SECONDS, set_as_default=False)
        )
        client.wait_for_workers(workers, timeout=START_SECONDS)
        yield client


@contextmanager
def _dask(*arguments: str, prefix: Sequence[str] = ()) -> Iterator[None]:
    process = subprocess.Popen(
        [*prefix, sys.executable, "-m", "dask", *arguments],
        cwd=Path(__file__).parents[1],
        env=os.environ | as_in_the_image(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_SECONDS)


@contextmanager
def _held_to(processor: float) -> Iterator[list[str]]:
    """A prefix that runs a command in a control group with a share of the processors."""
    quota = round(processor * PERIOD_MICROSECONDS)
    first = CONTROLLERS / "cpu"
    parent = first if first.exists() else CONTROLLERS
    group = Path(tempfile.mkdtemp(prefix=f"bench-{os.getpid()}-", dir=parent))
    try:
        if first.exists():
            (group / "cpu.cfs_period_us").write_text(str(PERIOD_MICROSECONDS), encoding="ascii")
            (group / "cpu.cfs_quota_us").write_text(str(quota), encoding="ascii")
        else:
            limit = f"{quota} {PERIOD_MICROSECONDS}"
            (group / "cpu.max").write_text(limit, encoding="ascii")
        yield ["sh", "-c", 'echo $$ > "$0" && exec "$@"', str(group / "cgroup.procs")]
    finally:
        group.rmdir()


def peak_memory() -> int:
    """The highest resident memory that this process has had, in bytes."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(dict(line.split(":", 1) for line in lines)["VmHWM"].split()[0]) * 1024
