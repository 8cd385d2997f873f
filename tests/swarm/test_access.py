"""The scheduler hears who has a certificate, the dashboard shows itself to who has the password."""

import base64
import json
import socket
import ssl
import sys
from pathlib import Path

import pytest
from distributed import Client
from prometheus_client.parser import text_string_to_metric_families

from tests.pace import limit, until
from tests.swarm.lab import Node
from tests.swarm.stack import Stack, issue, security

ATTEMPTS = 10
PATHS = (
    "/",
    "/status",
    "/status/ws",
    "/partitions",
    "/partitions/ws",
    "/metrics",
    "/health",
    "/json/counts.json",
    "/info/main/workers.html",
    "/individual-task-stream",
    "/statics/css/base.css",
    "/nothing",
)
ASK = """
import json, ssl, sys, urllib.error, urllib.request
url, headers = sys.argv[1], json.loads(sys.argv[2])
context = ssl._create_unverified_context()
try:
    request = urllib.request.Request(url, headers=headers)
    answer = urllib.request.urlopen(request, timeout=float(sys.argv[3]), context=context)
    print(answer.status, answer.read().decode(errors="replace") if answer.status == 200 else "")
except urllib.error.HTTPError as refusal:
    print(refusal.code)
"""
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": base64.b64encode(b"0123456789abcdef").decode(),
}


def test_a_client_without_a_certificate_of_the_cluster_is_never_heard(
    stack: Stack, tmp_path: Path
) -> None:
    assert greeted(stack, stack.certificates)
    for _ in range(ATTEMPTS):
        assert not greeted(stack, None)
    for attempt in range(ATTEMPTS):
        assert not greeted(stack, issue(tmp_path / f"foreign{attempt}", "scheduler"))


def test_dask_refuses_a_foreign_certificate_and_an_open_connection(
    stack: Stack, tmp_path: Path
) -> None:
    foreign = security(issue(tmp_path / "foreign", "scheduler"))
    with pytest.raises(OSError, match=r"(?i)certificate|tls"):
        Client(stack.address, security=foreign, timeout="10s")
    with pytest.raises(OSError, match="tcp://"):
        Client(stack.address.replace("tls", "tcp"), timeout="5s")


@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_refused_to_another_machine_without_the_password(stack: Stack, path: str) -> None:
    node, url = stack.lab.nodes[1], stack.dashboard + path
    assert ask(node, url) == 401
    assert ask(node, url, user=(stack.login[0], "a guess")) == 401
    assert ask(node, url, user=("", "")) == 401


def test_pages_and_counts_are_shown_to_who_has_the_password(stack: Stack) -> None:
    for path in (
        "/status",
        "/partitions",
        "/metrics",
        "/health",
        "/json/counts.json",
        "/info/main/workers.html",
    ):
        assert ask(stack.lab.nodes[1], stack.dashboard + path, user=stack.login) == 200


def test_one_scrape_has_the_metrics_of_scheduler_and_workers(stack: Stack) -> None:
    workers = set(stack.workers())
    found = scrape(stack)
    assert found["dask_worker_up"] == dict.fromkeys(workers, 1)
    assert found["dask_worker_threads"].keys() == workers
    assert found["process_resident_memory_bytes"].keys() == {*workers, None}
    assert found["dask_scheduler_clients"].keys() == {None}


def test_a_worker_that_is_frozen_holds_up_no_scrape(stack: Stack) -> None:
    node = stack.lab.nodes[1]
    container = stack.container("worker", node)
    node.docker("pause", container)
    try:
        found = scrape(stack)
    finally:
        node.docker("unpause", container)
    up = {name.partition("-")[0]: value for name, value in found["dask_worker_up"].items()}
    assert up == {node.name: 0, stack.lab.nodes[2].name: 1}
    assert len(found["dask_worker_threads"]) == 1
    until(lambda: len(stack.workers()) == 2, "the worker back")


def test_the_stream_that_would_fill_the_log_is_no_page(stack: Stack) -> None:
    assert ask(stack.lab.nodes[1], stack.dashboard + "/eventstream", user=stack.login) == 404


def test_a_websocket_needs_the_password_and_a_page_of_the_dashboard(stack: Stack) -> None:
    node, url = stack.lab.nodes[1], stack.dashboard + "/status/ws"
    own, foreign = (
        {**UPGRADE, "Origin": stack.dashboard},
        {**UPGRADE, "Origin": "https://evil.invalid"},
    )
    assert ask(node, url, own) == 401
    assert ask(node, url, foreign, stack.login) == 401
    assert ask(node, url, own, stack.login) != 401


def test_a_worker_serves_no_page_to_others(stack: Stack) -> None:
    with stack.client() as client:
        hosts = [w["host"] for w in client.scheduler_info(n_workers=-1)["workers"].values()]
    scheduler = stack.container("scheduler", stack.lab.manager)
    probe = "import socket,sys; print(socket.socket().connect_ex((sys.argv[1], 8787)))"
    for host in hosts:
        refused = stack.lab.manager.docker("exec", scheduler, "python", "-c", probe, host)
        assert int(refused) != 0


def greeted(stack: Stack, certificates: Path | None) -> bool:
    """Whether the scheduler says a word to a client with (or without) a certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if certificates:
        context.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
    place = (stack.lab.manager.address, 8786)
    with socket.create_connection(place, timeout=10) as plain:
        try:
            with context.wrap_socket(plain) as connection:
                return bool(connection.recv(1))
        except (ssl.SSLError, ConnectionError):
            return False


def scrape(stack: Stack) -> dict[str, dict[str | None, float]]:
    """What Prometheus would read: the samples of each name, by the worker that they are of."""
    url = stack.dashboard + "/metrics"
    _, text = answer(stack.lab.nodes[1], url, user=stack.login)
    found: dict[str, dict[str | None, float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[sample.labels.get("worker")] = sample.value
    return found


def ask(
    node: Node, url: str, headers: dict[str, str] | None = None, user: tuple[str, str] | None = None
) -> int:
    """The status of the answer to a request that is made on a node."""
    status, _ = answer(node, url, headers, user)
    return status


def answer(
    node: Node, url: str, headers: dict[str, str] | None = None, user: tuple[str, str] | None = None
) -> tuple[int, str]:
    """The status of that answer, and its text if it is the page that was asked for."""
    headers = dict(headers or {})
    if user is not None:
        token = base64.b64encode(":".join(user).encode()).decode()
        headers["Authorization"] = f"Basic {token}"
    words = (sys.executable, "-c", ASK, url, json.dumps(headers), str(limit(20)))
    status, _, text = node.run(*words).stdout.partition(" ")
    return int(status), text
