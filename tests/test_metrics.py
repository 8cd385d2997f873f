"""One page for Prometheus has what the scheduler counts, and what each worker does."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import dask
import pytest
import yaml
from distributed import Client, Scheduler, Worker
from prometheus_client.parser import text_string_to_metric_families
from service import metrics
from tornado.httpclient import AsyncHTTPClient

from tests.pace import limit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from prometheus_client import Metric

ROOT = Path(__file__).parents[1]
ROUTES = {"distributed.scheduler.http.routes": ["service.metrics"]}
PLACE = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}


async def never() -> None:
    await asyncio.Event().wait()


def fails() -> float:
    return 1 / 0


def babbles() -> str:
    return "no { metrics"


def scraped(answers: dict[str, Callable[[], object] | None]) -> tuple[str, list[Metric]]:
    """The page, and its families, of a scheduler with workers of these names.

    Each answers with its metrics, or as the function says that is given for it.
    """

    async def scrape() -> str:
        async with AsyncExitStack() as running:
            scheduler = await running.enter_async_context(Scheduler(**PLACE))
            for name, answer in answers.items():
                worker = Worker(scheduler.address, name=name, nthreads=1, **PLACE)
                metrics.offer(worker)
                if answer:
                    worker.handlers[metrics.OPERATION] = answer
                await running.enter_async_context(worker)
            await computed(scheduler)
            url = f"http://127.0.0.1:{scheduler.http_server.port}/metrics"
            response = await AsyncHTTPClient().fetch(url, request_timeout=limit(60))
            assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            return response.body.decode()

    with dask.config.set(ROUTES):
        text = asyncio.run(asyncio.wait_for(scrape(), limit()))
    return text, list(text_string_to_metric_families(text))


async def computed(scheduler: Scheduler) -> None:
    async with Client(scheduler.address, asynchronous=True, set_as_default=False) as client:
        answers: Awaitable[list[int]] = client.gather(client.map(abs, range(-3, 0), pure=False))
        assert await answers == [3, 2, 1]


def values(families: list[Metric], name: str) -> dict[str | None, float]:
    """The samples of a name by the worker that they are of; None is the scheduler."""
    samples = (sample for family in families for sample in family.samples)
    return {s.labels.get("worker"): s.value for s in samples if s.name == name}


def test_one_page_has_scheduler_and_workers():
    """Each worker's samples carry its name and its node; those of the scheduler carry neither."""
    text, families = scraped({"one": None, "two": None})
    assert values(families, "dask_worker_up") == {"one": 1, "two": 1}
    assert values(families, "dask_worker_threads") == {"one": 1, "two": 1}
    assert set(values(families, "process_resident_memory_bytes")) == {None, "one", "two"}
    assert 'dask_scheduler_tasks_compute_seconds_total{task_prefix_name="abs"}' in text
    assert 'dask_scheduler_workers{state="idle"} 2.0' in text
    assert 'node="127.0.0.1"' in text


def test_a_family_stands_in_one_place():
    """The format says so; a parser may take the second one for another, or refuse the page."""
    text, families = scraped({"one": None, "two": None})
    assert Counter(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE)).most_common(1)[0][1] == 1, text
    samples = [(s.name, tuple(sorted(s.labels.items()))) for f in families for s in f.samples]
    assert len(samples) == len(set(samples))


@pytest.mark.parametrize("answer", [never, fails, babbles])
def test_a_worker_that_does_not_answer_rightly_is_down_and_the_page_goes_on(answer, monkeypatch):
    """Neither a worker that hangs nor one that fails hides the others."""
    monkeypatch.setattr(metrics, "LIMIT", 1.0)
    text, families = scraped({"good": None, "bad": answer})
    assert values(families, "dask_worker_up") == {"good": 1, "bad": 0}
    assert set(values(families, "dask_worker_threads")) == {"good"}
    assert "dask_scheduler_clients" in text


def test_without_workers_there_is_the_scheduler():
    """Who waits for workers wants to see just that."""

    async def alone() -> bytes:
        async with Scheduler(**PLACE) as scheduler:
            return await metrics.page(scheduler)

    text = asyncio.run(alone()).decode()
    assert 'dask_scheduler_workers{state="idle"} 0.0' in text
    assert "dask_worker_threads" not in text


def test_the_job_of_the_page_scrapes_what_is_served():
    """Over HTTPS, with the login, at the path that is served; metrics that it names are there."""
    text = (ROOT / "docs" / "dashboard.md").read_text("utf-8")
    (job,) = yaml.safe_load(re.search(r"```yaml\n(.*?)```", text, re.DOTALL)[1])["scrape_configs"]
    assert job["scheme"] == "https"
    assert {"basic_auth", "tls_config", "static_configs"} < job.keys()
    assert [path for path, *_ in metrics.routes] == [job.get("metrics_path", "/metrics")]
    ports = {
        target.rpartition(":")[2] for one in job["static_configs"] for target in one["targets"]
    }
    assert all(f"${{DASHBOARD_PORT:-{port}}}" in (ROOT / "stack.yml").read_text() for port in ports)
    told, _ = scraped({"one": None})
    names = re.findall(r"^\| `(\w+)`|, `(\w+_\w+)` \|", text, re.MULTILINE)
    named = {first or second for first, second in names} - {"up"}
    assert len(named) > 6
    assert [name for name in sorted(named) if f"\n{name}" not in told] == []
