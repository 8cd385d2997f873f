"""The dashboard of the scheduler in this process, whose pages take most of a second to load.

A small run should not wait for pages that nobody looks at, and its link should work at once. So the
first request loads them, then goes to what it asked for.
"""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING

from tornado.web import Application, RequestHandler

if TYPE_CHECKING:
    from distributed import Scheduler

_PAGES = "distributed.dashboard.scheduler"


class _Loader(RequestHandler):
    """Answers every path that no other page answers."""

    def initialize(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler

    async def get(self) -> None:
        pages = await asyncio.to_thread(import_module, _PAGES)
        scheduler, others = self._scheduler, self._scheduler.http_application.applications
        if self.application in others:  # no other request was faster
            others.remove(self.application)
            pages.connect(scheduler.http_application, scheduler.http_server, scheduler)
        self.redirect("/" + self.request.uri.lstrip("/"))  # never another host's page


def load_on_request(scheduler: Scheduler) -> None:
    """Let the first request for a page of a scheduler's dashboard load all pages.

    The scheduler was started with `dashboard=False`, so that it serves none yet.
    """
    loader = Application([(r".*", _Loader, {"scheduler": scheduler})])
    scheduler.http_application.add_application(loader)
