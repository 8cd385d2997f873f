"""A light run beside a heavy one, on one cluster: how much longer each takes than alone."""

import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from distributed import Client, Scheduler

from bench import workers
from bench.data import DATASETS
from bench.lab import Lab
from bench.process import Run, run
from bench.programs import this_project
from bench.results import Figure, Measured
from pipeline.engine.connect import address

HEAVY, LIGHT = "bulk", "ten megabytes"
PARTITIONS = {HEAVY: 8_000, LIGHT: 16}
AHEAD = 1_000
"""Tasks, at least, that the heavy run has waiting on the scheduler when the light one begins."""
LOOK_SECONDS = 0.05
PROCESSOR = 0.2
"""What each worker has: the light run's own process and the scheduler need the rest."""


def light_beside_heavy(lab: Lab) -> Iterator[Measured]:
    """Whole processes: each alone, then the light one while the heavy one computes."""
    times: dict[str, list[float]] = {"light": [], "heavy": [], "beside": [], "disturbed": []}
    with workers.cluster(3, PROCESSOR) as client:
        heavy, light = _command(lab, client, HEAVY), _command(lab, client, LIGHT)
        run(light)  # it loads code, and is not counted
        for _ in range(lab.rounds):
            times["light"].append(run(light).seconds)
            times["heavy"].append(run(heavy).seconds)
            beside, disturbed = _both(client, light, heavy)
            times["beside"].append(beside.seconds)
            times["disturbed"].append(disturbed.seconds)
    median = {name: statistics.median(seconds) for name, seconds in times.items()}
    of_light = median["beside"] / median["light"]
    of_heavy = median["disturbed"] / median["heavy"]
    yield Figure("16 partitions beside 8,000: the light run / it alone", 3, of_light)
    yield Figure("16 partitions beside 8,000: the heavy run / it alone", 1.1, of_heavy)


def _command(lab: Lab, client: Client, name: str) -> list[str]:
    """The command that describes a data set on the cluster of a client."""
    where = ("--scheduler", address(client), "--partitions", str(PARTITIONS[name]))
    output = lab.folder / f"results-{name.replace(' ', '-')}"
    return this_project(lab.file(name), DATASETS[name].column, output, *where)


def _both(client: Client, light: Sequence[str], heavy: Sequence[str]) -> tuple[Run, Run]:
    """The runs of two commands; the light one begins when the heavy one computes."""
    with ThreadPoolExecutor(1) as pool:
        disturbed = pool.submit(run, heavy)
        while not _begun(client, disturbed):
            time.sleep(LOOK_SECONDS)
        beside = run(light)
        if disturbed.done():
            raise RuntimeError("the heavy run was over before the light one; take a larger --scale")
        return beside, disturbed.result()


def _begun(client: Client, process: Future[Run]) -> bool:
    """Whether a run computes by now; its process may have ended, which ends the waiting too."""

    def waiting(dask_scheduler: Scheduler) -> int:
        return len(dask_scheduler.queued)

    return process.done() or client.run_on_scheduler(waiting) >= AHEAD
