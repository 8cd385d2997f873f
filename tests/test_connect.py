"""The cluster in this process, and the check of all workers before a run."""

from __future__ import annotations

import socket
from dataclasses import replace
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit

import pytest

from pipeline.engine.connect import connect
from pipeline.engine.preflight import NodeState, check, compare
from pipeline.errors import ClusterError, InputError

TIMEOUT_SECONDS = 60


@pytest.fixture(scope="module")
def client():
    with connect(workers=1) as client:
        yield client


def get(client, path: str) -> HTTPResponse:
    """Ask the dashboard's server for a path, and follow no redirect."""
    connection = HTTPConnection(urlsplit(client.dashboard_link).netloc, timeout=TIMEOUT_SECONDS)
    connection.request("GET", path)
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


def test_workers_of_this_process_pass_the_check(client, tmp_path):
    """They have the same versions, and see the same file or the same lack of it."""
    (tmp_path / "x.csv").write_text("x\n1\n")
    check(client, tmp_path / "x.csv")


def test_a_node_that_differs_is_refused_by_name(tmp_path):
    """Another version, no file, another file: each in a sentence with the node's name."""
    path = tmp_path / "x.csv"
    path.write_text("x\n1\n")
    here = NodeState.of(path)
    assert here.node == socket.gethostname()
    assert here.identity
    compare(path, here, replace(here, node="b"))
    old = here.versions | {"numba": "0.1"}
    with pytest.raises(ClusterError, match=r"node b has numba 0\.1 instead of .*cluster up"):
        compare(path, here, replace(here, node="b", versions=old))
    with pytest.raises(InputError, match=f"node b cannot read {path}; is the share mounted"):
        compare(path, here, replace(here, node="b", identity=None))
    other = replace(here.identity, size=7)
    with pytest.raises(InputError, match=f"node b sees another {path}"):
        compare(path, here, replace(here, node="b", identity=other))
