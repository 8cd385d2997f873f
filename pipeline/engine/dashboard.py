"""The dashboard of the scheduler in this process: pages that load late, for this machine alone.

They take most of a second to load. A small run should not wait for pages that nobody looks at, and
its link should work at once. So the first request loads them, then goes to what it asked for.

That a server listens on 127.0.0.1 alone does not keep other sites out: a page of theirs in the
user's browser reaches it under a name that leads there. So it answers only to its own names.
"""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tornado.routing import Router
from tornado.web import Application, RequestHandler

from pipeline.engine.so_far import SoFar

if TYPE_CHECKING:
    from distributed import Scheduler
    from distributed.node import ServerNode
    from tornado.httputil import HTTPMessageDelegate, HTTPServerRequest

_PAGES = "distributed.dashboard.scheduler"
_OWN_PAGE = "pipeline.engine.partitions_page"
_NAMES = ("127.0.0.1", "localhost")


class _Loader(RequestHandler):
    """Answers every path that no other page answers."""

    def initialize(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler

    async def get(self) -> None:
        pages = await asyncio.to_thread(import_module, _PAGES)
        own = await asyncio.to_thread(import_module, _OWN_PAGE)
        own.register()
        scheduler, others = self._scheduler, self._scheduler.http_application.applications
        if self.application in others:  # no other request was faster
            others.remove(self.application)
            pages.connect(scheduler.http_application, scheduler.http_server, scheduler)
        self.redirect("/" + self.request.uri.lstrip("/"))  # never another host's page


def load_on_request(scheduler: Scheduler) -> None:
    """Let the first request for a page of a scheduler's dashboard load all pages.

    The scheduler was started with `dashboard=False`, so that it serves none yet.
    """
    scheduler.add_plugin(SoFar(scheduler))
    loader = Application([(r".*", _Loader, {"scheduler": scheduler})])
    scheduler.http_application.add_application(loader)


class _Refusal(RequestHandler):
    """Answers any request by saying where the dashboard is."""

    def prepare(self) -> None:
        """Answer at once, whatever the method is."""
        self.set_status(403)
        self.finish("This dashboard answers only at 127.0.0.1 and localhost, with its own port.\n")


class _Gate(Router):
    """Leads a request to `pages` when it names this server at `port`, and no other site sent it.

    It stands before every route, those of the websockets too.
    """

    def __init__(self, pages: Application, port: int) -> None:
        self._pages = pages
        self._refusal = Application([(r".*", _Refusal)])
        self._hosts = {f"{name}:{port}" for name in _NAMES}

    def find_handler(self, request: HTTPServerRequest, **_: object) -> HTTPMessageDelegate | None:
        """Lead to the pages, or to the refusal."""
        host, origin = request.host.lower(), request.headers.get("Origin")
        own = host in self._hosts and origin in {None, f"http://{host}"}
        return (self._pages if own else self._refusal).find_handler(request)


def refuse_other_sites(node: ServerNode) -> None:
    """Let the HTTP server of a scheduler or a worker answer only to its own names and pages."""
    server: Any = node.http_server  # Dask notes its port there
    server.request_callback = _Gate(node.http_application, server.port)
