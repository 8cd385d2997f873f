"""The scheduler of the cluster, its dashboard behind the gate."""

from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from distributed import Scheduler
from distributed.versions import get_versions

from pipeline.engine.so_far import SoFar
from service.blame import Blame
from service.fair import FairShare
from service.gate import Gate
from service.lifetime import serve
from service.security import Guarded

CREDENTIALS = Path("/run/secrets/dashboard")


class ClusterScheduler(Scheduler):
    """A scheduler that does not warn of what makes no difference."""

    async def add_client(self, comm: Any, client: str, versions: dict[str, Any]) -> None:
        """Greet a client; its Python is the cluster's if major and minor version are.

        Bytecode and pickles are the same then, and Dask would show a table of two patch versions.
        """
        packages = versions.get("packages", {})
        ours = get_versions()["packages"]["python"]
        if _minor(packages.get("python", "")) == _minor(ours):
            packages["python"] = ours
        await super().add_client(comm, client, versions)


async def schedule(credentials: str) -> None:
    """Be the scheduler until it is closed; `credentials` ("user:password") open the dashboard."""
    with suppress(ImportError):  # without Bokeh Dask has no dashboard either, and goes on
        import_module("pipeline.engine.partitions_page").register()
    scheduler = ClusterScheduler(
        protocol="tls://",
        port=8786,
        dashboard_address=":8787",
        security=Guarded(),
        plugins=[FairShare(), Blame()],
    )
    scheduler.add_plugin(SoFar(scheduler))
    # No request is served before the gate is there: the event loop has not run since.
    pages = scheduler.http_application
    scheduler.http_server.request_callback = Gate(pages, credentials)
    async with scheduler:
        await scheduler.finished()


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]


if __name__ == "__main__":
    serve(schedule(CREDENTIALS.read_text().strip()))
