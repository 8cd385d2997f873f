"""The page for Prometheus: one scrape has the scheduler's metrics and those of every worker.

A worker shows its pages to nobody, so the scheduler asks for its metrics over the connection that
they have anyway. A worker that does not answer in time has no metrics but `dask_worker_up`, which
is 0 then. The module takes the place of Dask's own page among the routes of dask.yaml; it cannot be
imported without prometheus_client, where Dask's page would be empty.
"""

import asyncio
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

from distributed import Scheduler, Worker
from distributed.http.scheduler.prometheus.core import COLLECTORS
from distributed.http.utils import RequestHandler
from distributed.http.worker.prometheus.core import WorkerMetricCollector
from distributed.scheduler import WorkerState
from prometheus_client import CollectorRegistry, Metric, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.parser import text_string_to_metric_families

from service import node

OPERATION = "prometheus"
"""What the scheduler calls on a worker, if the worker offers it."""

LIMIT = 5.0
"""Seconds that all workers together have to answer: Prometheus waits for ten by default."""

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Labels = dict[str, str]
Part = tuple[Labels, Iterable[Metric]]


def offer(worker: Worker) -> None:
    """Let the scheduler ask a `worker` for its metrics and those of its process."""

    def answer() -> str:
        return generate_latest(_registry(WorkerMetricCollector(worker))).decode()

    worker.handlers[OPERATION] = answer


async def page(scheduler: Scheduler) -> bytes:
    """Return the metrics of a `scheduler` and all its workers, in Prometheus' text format."""
    up = GaugeMetricFamily(
        "dask_worker_up", "Whether the worker answered this scrape", labels=["worker", "node"]
    )
    parts: list[Part] = [({}, _registry(*(kind(scheduler) for kind in COLLECTORS)).collect())]
    for labels, families in await _of_workers(scheduler):
        up.add_metric(list(labels.values()), float(families is not None))
        parts.append((labels, families or []))
    families = [*merged(parts), up]
    return generate_latest(SimpleNamespace(collect=lambda: families))


def merged(parts: Iterable[Part]) -> list[Metric]:
    """Return each family once, with the samples of all `parts`, labelled as each part says.

    The format wants the samples of a family in one place.
    """
    found: dict[tuple[str, str], Metric] = {}
    for labels, families in parts:
        for family in families:
            key = (family.name, family.type)
            whole = found.setdefault(key, Metric(family.name, family.documentation, family.type))
            whole.samples += [
                sample._replace(labels={**sample.labels, **labels}) for sample in family.samples
            ]
    return list(found.values())


async def _of_workers(scheduler: Scheduler) -> list[tuple[Labels, list[Metric] | None]]:
    """Ask all workers at once; None stands for the metrics of one that did not answer rightly."""
    asked = {
        asyncio.ensure_future(getattr(scheduler.rpc(address), OPERATION)()): _labels(state)
        for address, state in scheduler.workers.items()
    }
    if asked:
        _, late = await asyncio.wait(asked, timeout=LIMIT)
        for answer in late:
            answer.cancel()
    return [(labels, _families(answer)) for answer, labels in asked.items()]


def _labels(state: WorkerState) -> Labels:
    return {
        "worker": str(state.name),
        "node": str(state.metrics.get(node.METRIC, {}).get("name", state.host)),
    }


def _families(answer: asyncio.Future[str]) -> list[Metric] | None:
    if not answer.done() or answer.cancelled() or answer.exception():
        return None
    try:
        return list(text_string_to_metric_families(answer.result()))
    except ValueError:
        return None


def _registry(*collectors: Any) -> CollectorRegistry:
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    for collector in collectors:
        registry.register(collector)
    return registry


class Page(RequestHandler):
    """Answers a scrape."""

    async def get(self) -> None:
        """Write the page."""
        self.set_header("Content-Type", CONTENT_TYPE)
        self.write(await page(self.server))


routes: list[tuple[str, type[RequestHandler], dict[str, Any]]] = [("/metrics", Page, {})]
