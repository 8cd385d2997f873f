"""The probe, run as it is run in a container: by a Python that knows nothing of this project."""

import json
import socket
import subprocess
import sys
from pathlib import Path

from cluster.stack.containers import PROBE


def probe(kind: str, request: dict) -> dict:
    argv = [sys.executable, "-I", "-c", PROBE.read_text(), kind, json.dumps(request)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


def test_a_folder_is_described_by_its_sentinel_and_its_files(tmp_path: Path):
    """Size, time and a digest of the beginning; folders do not count."""
    (tmp_path / ".dask-swarm").write_text("dask\n")
    (tmp_path / "data.csv").write_bytes(b"a" * 70000)
    (tmp_path / "folder").mkdir()
    before = look(tmp_path)
    assert before["markers"] == {str(tmp_path): "dask"}
    assert set(before["files"]) == {".dask-swarm", "data.csv"}
    assert before["files"]["data.csv"]["size"] == 70000
    (tmp_path / "data.csv").write_bytes(b"b" + b"a" * 69999)
    assert look(tmp_path)["files"]["data.csv"]["digest"] != before["files"]["data.csv"]["digest"]


def test_an_empty_folder_has_no_sentinel(tmp_path: Path):
    """That is how an unmounted share looks."""
    found = look(tmp_path)
    assert found["markers"] == {str(tmp_path): None}
    assert found["files"] == {}


def look(folder: Path, ports: list | None = None) -> dict:
    request = {"folders": [str(folder)], "sentinel": ".dask-swarm", "files": True}
    return probe("look", request | {"ports": ports or []})


def test_open_and_closed_ports_are_told_apart(tmp_path: Path):
    """With the reason."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        (found,) = look(tmp_path, [["127.0.0.1", port]])["ports"]
        assert found == {"host": "127.0.0.1", "port": port, "error": None}
    (found,) = look(tmp_path, [["127.0.0.1", port]])["ports"]
    assert "refused" in found["error"]


def test_a_probe_hears_itself_and_tells_names_that_do_not_resolve():
    """Small and large packets come back; a name nobody knows has no address."""
    request = {"names": ["localhost", "nobody.invalid"], "peers": ["127.0.0.1"], "seconds": 3}
    found = probe("talk", request)
    assert found["peers"] == {"127.0.0.1": None}
    assert found["names"] == {"localhost": ["127.0.0.1"], "nobody.invalid": []}


def test_a_peer_that_is_silent_is_named_within_the_limit():
    """The probe ends by itself."""
    found = probe("talk", {"names": [], "peers": ["255.255.255.255"], "seconds": 1})
    assert "it cannot be reached" in found["peers"]["255.255.255.255"]
