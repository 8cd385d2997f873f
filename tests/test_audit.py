"""`make audit` says what it knows, and what it does not: no answer is no good news."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from tests.audit import CLEAN, UNKNOWN, VULNERABLE, audit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KNOWN = {
    "id": "PYSEC-1",
    "aliases": ["CVE-1"],
    "summary": "It is open to all.",
    "affected": [
        {
            "package": {"name": "leaky", "ecosystem": "PyPI"},
            "ranges": [
                {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.5"}]},
            ],
        }
    ],
}


@contextmanager
def database(status: int = 200) -> Iterator[str]:
    """The address of a database in which one package, `leaky`, is known to be vulnerable."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found = {"vulns": [KNOWN]} if query["package"]["name"] == "leaky" else {}
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(found).encode())

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1/query"
        finally:
            server.shutdown()


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """A lock of two packages, with hashes as ours have."""
    path = tmp_path / "some.lock"
    lines = [f"{name} \\\n    --hash=sha256:{'0' * 64}\n" for name in ("leaky==1.2", "tight==3.4")]
    path.write_text("".join(lines))
    return path


def test_a_known_vulnerability_is_named_with_its_remedy(lock):
    with database() as url:
        code, lines = audit(lock, url)
    assert code == VULNERABLE
    assert lines[0] == "leaky 1.2: PYSEC-1, CVE-1; mended in 1.5"
    assert lines[-1] == "some.lock: 2 packages checked, 1 known vulnerabilities"


def test_a_lock_without_one_is_clean(lock):
    lock.write_text(lock.read_text().replace("leaky", "whole"))
    with database() as url:
        assert audit(lock, url) == (
            CLEAN,
            ["some.lock: 2 packages checked, 0 known vulnerabilities"],
        )


def test_a_database_that_is_not_there_is_no_all_clear(lock):
    with database() as url:
        pass
    assert_unknown(audit(lock, url), url)


def test_a_database_in_trouble_is_no_all_clear(lock):
    with database(status=503) as url:
        assert_unknown(audit(lock, url), url)


def assert_unknown(answer: tuple[int, list[str]], url: str) -> None:
    """One line says that nothing is known, and why."""
    code, (line,) = answer
    assert code == UNKNOWN
    assert f"nothing in some.lock was checked: {url} gave no answer (" in line
