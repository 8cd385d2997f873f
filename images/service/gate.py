"""The gate of the dashboard: no page, websocket or metric without the user's name and password."""

import base64
import hmac
from urllib.parse import urlsplit

from tornado.httputil import HTTPMessageDelegate, HTTPServerRequest
from tornado.routing import Router
from tornado.web import Application, RequestHandler

CLOSED = ("/eventstream",)
"""Pages that are not led to: this one goes on writing, and failing, after its reader has left."""


class Refusal(RequestHandler):
    """Answers any request by asking for a name and a password."""

    def prepare(self) -> None:
        """Answer at once, whatever the method is."""
        self.set_status(401)
        self.set_header("WWW-Authenticate", 'Basic realm="Dask", charset="UTF-8"')
        self.finish("This dashboard needs a name and a password.\n")


class Absence(RequestHandler):
    """Answers that there is no such page."""

    def prepare(self) -> None:
        """Answer at once, whatever the method is."""
        self.send_error(404)


class Gate(Router):
    """Leads a request to `pages` when it carries `credentials` ("user:password").

    It stands before every route, those of the websockets too. A websocket must come from a page of
    this very server, because a browser sends the password along whichever page opens it. Without
    credentials only the container itself may ask, and only for its health.
    """

    def __init__(self, pages: Application, credentials: str) -> None:
        """Stand before `pages`."""
        self._pages = pages
        self._refusal = Application([(".*", Refusal)])
        self._absence = Application([(".*", Absence)])
        self._expected = b"Basic " + base64.b64encode(credentials.encode())

    def find_handler(self, request: HTTPServerRequest, **_: object) -> HTTPMessageDelegate | None:
        """Lead to the pages, or to the refusal."""
        leads_to = self._refusal
        if self._is_health_check(request) or self._is_users(request):
            leads_to = self._absence if request.path in CLOSED else self._pages
        return leads_to.find_handler(request)

    def _is_health_check(self, request: HTTPServerRequest) -> bool:
        return request.path == "/health" and request.remote_ip == "127.0.0.1"

    def _is_users(self, request: HTTPServerRequest) -> bool:
        origin = request.headers.get("Origin")
        given = request.headers.get("Authorization", "").encode()
        own = origin is None or urlsplit(origin).netloc == request.host
        return own and hmac.compare_digest(given, self._expected)
