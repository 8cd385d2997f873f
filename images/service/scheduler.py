"""The scheduler of the cluster, its dashboard behind the gate."""

from pathlib import Path

from distributed import Scheduler, Security

from service.blame import Blame
from service.fair import FairShare
from service.gate import Gate
from service.lifetime import serve

CREDENTIALS = Path("/run/secrets/dashboard")


async def schedule(credentials: str) -> None:
    """Be the scheduler until it is closed; `credentials` ("user:password") open the dashboard."""
    scheduler = Scheduler(
        protocol="tls://",
        port=8786,
        dashboard_address=":8787",
        security=Security(),
        plugins=[FairShare(), Blame()],
    )
    # No request is served before the gate is there: the event loop has not run since.
    pages = scheduler.http_application
    scheduler.http_server.request_callback = Gate(pages, credentials)
    async with scheduler:
        await scheduler.finished()


if __name__ == "__main__":
    serve(schedule(CREDENTIALS.read_text().strip()))
