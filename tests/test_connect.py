"""The cluster in this process, and the check of all workers before a run."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from dataclasses import replace
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import dask
import pytest

from pipeline.engine import connect as connecting
from pipeline.engine.connect import borrow, connect, cores
from pipeline.engine.dashboard import _Loader
from pipeline.engine.preflight import NodeState, check, compare
from pipeline.errors import ClusterError, InputError
from tests.clusters import local
from tests.pace import limit

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Protocol": "bokeh",
}


@pytest.fixture(scope="module")
def client():
    with connect(workers=1) as client:
        yield client


def get(client, path: str, **headers: str) -> HTTPResponse:
    """Ask the dashboard's server for a path, and follow no redirect."""
    return ask(urlsplit(client.dashboard_link).netloc, path, headers)


def ask(server: str, path: str, headers: dict[str, str]) -> HTTPResponse:
    connection = HTTPConnection(server, timeout=limit())
    connection.request("GET", path, headers=headers)
    return connection.getresponse()


def test_the_first_request_for_the_dashboard_is_answered(client):
    """The link that a run prints works at once, after one redirect to itself."""
    path = urlsplit(client.dashboard_link).path
    first = get(client, path)
    assert (first.status, first.headers["Location"]) == (302, path)
    page = get(client, path)
    assert page.status == 200
    assert "Dask" in page.read().decode()
    assert get(client, "/nothing").status == 404


def test_the_dashboard_sends_nobody_to_another_host():
    """Whatever path the first request has."""
    with connect(workers=1) as client:
        assert get(client, "//elsewhere/status").headers["Location"] == "/elsewhere/status"


def test_the_dashboard_answers_only_to_its_own_names(client):
    """A name of another site that leads to 127.0.0.1 is refused, on every route."""
    port = urlsplit(client.dashboard_link).port
    get(client, "/status")  # loads the pages
    for path in ("/status", "/health", "/nothing"):
        found = get(client, path).status
        assert found == (404 if path == "/nothing" else 200)
        assert get(client, path, Host=f"localhost:{port}").status == found
        for other in ("evil.invalid", f"evil.invalid:{port}", "localhost", f"127.0.0.1:{port + 1}"):
            assert get(client, path, Host=other).status == 403
    (worker,) = client.cluster.workers.values()
    server = f"127.0.0.1:{worker.http_server.port}"
    assert ask(server, "/health", {}).status == 200
    assert ask(server, "/health", {"Host": "evil.invalid"}).status == 403


def test_the_dashboards_websockets_open_only_to_its_own_pages(client):
    """A page of another site cannot look at a run."""
    own = "http://" + urlsplit(client.dashboard_link).netloc
    get(client, "/status")  # loads the pages
    assert get(client, "/status/ws", Origin=own, **UPGRADE).status == 101
    for other in (
        "http://evil.invalid",
        "http://localhost:1",
        own.replace("http", "https"),
        "null",
    ):
        assert get(client, "/status/ws", Origin=other, **UPGRADE).status == 403


def test_workers_of_this_process_pass_the_check(client, tmp_path):
    """They have the same versions, and see the same file or the same lack of it."""
    (tmp_path / "x.csv").write_text("x\n1\n")
    check(client, [tmp_path / "x.csv"])


def test_a_node_that_differs_is_refused_by_name(tmp_path):
    """Another version, no file, another file: each in a sentence with the node's name."""
    path = tmp_path / "x.csv"
    path.write_text("x\n1\n")
    here = NodeState.of([path])
    assert here.node == socket.gethostname()
    assert here.identities[0]
    compare([path], here, replace(here, node="b"))
    assert NodeState.of([tmp_path / "nothing"]).identities == (None,)
    old = here.versions | {"numba": "0.1"}
    with pytest.raises(ClusterError, match=r"node b has numba 0\.1 instead of .*cluster up"):
        compare([path], here, replace(here, node="b", versions=old))
    with pytest.raises(InputError, match=f"node b cannot read {path}; is the share mounted"):
        compare([path], here, replace(here, node="b", identities=(None,)))
    other = replace(here.identities[0], size=7)
    with pytest.raises(InputError, match=f"node b sees another {path}"):
        compare([path], here, replace(here, node="b", identities=(other,)))


def test_what_is_spilled_is_private_and_goes_away(tmp_path):
    """Nobody else may have prepared the folder, look into it or find it later."""
    (tmp_path / "dask-scratch-space").mkdir(mode=0o777)
    with dask.config.set({"temporary-directory": str(tmp_path)}), connect(workers=1) as client:
        (worker,) = client.cluster.workers.values()
        spilled = Path(worker.local_directory)
        (private,) = set(tmp_path.iterdir()) - {tmp_path / "dask-scratch-space"}
        assert private in spilled.parents
        assert (private.stat().st_mode & 0o777, private.stat().st_uid) == (0o700, os.getuid())
    assert not private.exists()
    assert not list((tmp_path / "dask-scratch-space").iterdir())


def test_a_cluster_by_its_address(client, monkeypatch):
    """That which is up; where none answers, the sentence says what to look at."""
    with connect(client.scheduler.address) as other:
        assert other.submit(abs, -1).result(limit()) == 1
    monkeypatch.setattr(connecting, "CONNECT_SECONDS", 0.2)
    with (
        pytest.raises(ClusterError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:1 \("),
        connect("tcp://127.0.0.1:1"),
    ):
        pass


@pytest.mark.parametrize("how", [connect, borrow])
@pytest.mark.parametrize(("asked", "given"), [(3, (-3, -3)), (0, (0, -7))])
def test_a_priority(client, how, asked, given):
    """It is that of all that is submitted; without one the user's own annotation counts."""
    scheduler = client.cluster.scheduler
    where = client if how is borrow else scheduler.address

    def priority(key: str) -> int:
        with how(where, priority=asked) as other:
            done = other.submit(abs, -1, key=key)
            assert done.result(limit()) == 1
            return scheduler.tasks[key].priority[0]

    plain = priority("plain")
    with dask.annotate(priority=7):
        assert (plain, priority("annotated")) == given


def test_a_cluster_without_workers(monkeypatch):
    """Nobody waits for ever for the first."""
    monkeypatch.setattr(connecting, "WORKER_SECONDS", 0.1)
    with local(0) as client, pytest.raises(ClusterError, match=r"has had no worker for 0\.1 s"):
        cores(client)


def test_a_scheduler_that_is_silent():
    """It had a worker, and says no more."""

    def silent(**_: object) -> None:
        raise TimeoutError

    client: Any = SimpleNamespace(
        wait_for_workers=lambda *_, **__: None, nthreads=silent, scheduler=None
    )
    with pytest.raises(ClusterError, match="at its address did not answer within"):
        cores(client)


def test_a_worker_without_this_package(client, tmp_path, monkeypatch):
    """What it says itself is in the sentence."""

    def fail(_: object) -> NodeState:
        if threading.current_thread() is threading.main_thread():
            return NodeState("here", {}, ())
        raise ImportError("no module of that name.\nA traceback")

    monkeypatch.setattr(NodeState, "of", fail)
    with pytest.raises(ClusterError, match=r"cannot run this package \(no module of that name\)"):
        check(client, [tmp_path])


def test_pages_are_loaded_once(client):
    """For the second of two requests at once they are already there."""
    get(client, "/status")
    sent: list[str] = []
    handler: Any = SimpleNamespace(
        _scheduler=client.cluster.scheduler,
        application=None,
        request=SimpleNamespace(uri="/status"),
        redirect=sent.append,
    )
    before = list(client.cluster.scheduler.http_application.applications)
    asyncio.run(_Loader.get(handler))
    assert sent == ["/status"]
    assert client.cluster.scheduler.http_application.applications == before


@pytest.mark.parametrize("message", ["Future exception was never retrieved", "Exception in x"])
def test_what_nobody_asks_for_any_more_is_not_told(client, monkeypatch, message):
    """When the loop ends Dask leaves off in the middle of waiting; all else is told."""
    loop, told = client.loop.asyncio_loop, []
    monkeypatch.setattr(loop, "default_exception_handler", told.append)
    context = {"message": message, "exception": TimeoutError("Timeout")}
    loop.call_exception_handler(context)
    assert told == ([] if "never" in message else [context])
