"""What a container sees of its machine. It runs inside the image and needs only Python.

    python -c "$(cat probe.py)" look REQUEST    the host: share, ports, clock, memory, disk
    python -c "$(cat probe.py)" talk REQUEST    the overlay: names, and packets of every size

REQUEST is a JSON object; the answer is one line of JSON on standard output.
"""

import contextlib
import hashlib
import json
import os
import shutil
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

MOST_FILES = 1000
FIRST_BYTES = 65536
DIGEST_CHARACTERS = 16
PACKET_BYTES = (64, 65536)
TALK_PORT = 18786
PORT_SECONDS = 3.0
PACKET_SECONDS = 5.0
RETRY_SECONDS = 0.2


def look(request: dict[str, Any]) -> dict[str, Any]:
    """Look at the host.

    `folders` are the share's, data first; `sentinel` is the name of the file that marks each;
    `files` says whether to list those of the first folder; `ports` are pairs [host, port].
    """
    folders = [Path(folder) for folder in request["folders"]]
    return {
        "time": time.time(),
        "memory_available": _memory("MemAvailable"),
        "disk_free": shutil.disk_usage("/").free,
        "markers": {str(folder): _text(folder / request["sentinel"]) for folder in folders},
        "files": _files(folders[0]) if request["files"] else {},
        "ports": [_knock(host, port) for host, port in request["ports"]],
    }


def talk(request: dict[str, Any]) -> dict[str, Any]:
    """Resolve `names`, and send to each of `peers` what it must send back, small and large.

    Ends when every peer has had its own answers from here as well, or after `seconds`.
    """
    peers = request["peers"]
    deadline = time.monotonic() + request["seconds"]
    served = threading.Semaphore(0)
    server = socket.create_server(("", TALK_PORT))
    threading.Thread(target=_serve, args=(server, served), daemon=True).start()
    with ThreadPoolExecutor(len(peers) + 1) as pool:
        problems = list(pool.map(lambda peer: _exchange(peer, deadline), peers))
    for _ in peers:
        served.acquire(timeout=max(0.0, deadline - time.monotonic()))
    return {
        "names": {name: _resolved(name, deadline) for name in request["names"]},
        "peers": dict(zip(peers, problems, strict=True)),
    }


def _memory(key: str) -> int:
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{key}:"))


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None


def _files(share: Path) -> dict[str, dict[str, Any]]:
    """Return the identity of each file at the top of the share, by name."""
    with os.scandir(share) as entries:
        paths = sorted(Path(entry.path) for entry in entries if entry.is_file())
    return {path.name: _identity(path) for path in paths[:MOST_FILES]}


def _identity(path: Path) -> dict[str, Any]:
    """Return a file's size, modification time in ns, and a digest of its first bytes."""
    try:
        status = path.stat()
        with path.open("rb") as stream:
            first = stream.read(FIRST_BYTES)
    except OSError as error:
        return {"size": None, "modified": None, "digest": error.strerror}
    digest = hashlib.sha256(first).hexdigest()[:DIGEST_CHARACTERS]
    return {"size": status.st_size, "modified": status.st_mtime_ns, "digest": digest}


def _knock(host: str, port: int) -> dict[str, Any]:
    """Say whether a TCP port is open; `error` is None if it is."""
    try:
        with socket.create_connection((host, port), timeout=PORT_SECONDS):
            error = None
    except OSError as refusal:
        error = str(refusal)
    return {"host": host, "port": port, "error": error}


def _resolved(name: str, deadline: float) -> list[str]:
    """Resolve a name; a container's name is unknown until its first health check."""
    while not (addresses := _resolve(name)) and time.monotonic() < deadline:
        time.sleep(RETRY_SECONDS)
    return addresses


def _resolve(name: str) -> list[str]:
    try:
        found = socket.getaddrinfo(name, None, socket.AF_INET, socket.SOCK_STREAM)
    except OSError:
        return []
    return sorted({str(address[0]) for *_, address in found})


def _serve(server: socket.socket, served: threading.Semaphore) -> None:
    while True:
        connection, _ = server.accept()
        threading.Thread(target=_echo, args=(connection, served), daemon=True).start()


def _echo(connection: socket.socket, served: threading.Semaphore) -> None:
    with connection, contextlib.suppress(OSError):
        connection.settimeout(PACKET_SECONDS)
        while data := connection.recv(max(PACKET_BYTES)):
            connection.sendall(data)
        served.release()


def _exchange(peer: str, deadline: float) -> str | None:
    """Return why a peer cannot be talked to, or None."""
    while True:
        try:
            connection = socket.create_connection((peer, TALK_PORT), timeout=PORT_SECONDS)
            break
        except OSError as error:
            if time.monotonic() > deadline:
                return f"it cannot be reached: {error}"
            time.sleep(RETRY_SECONDS)
    with connection:
        return _echoed(connection)


def _echoed(connection: socket.socket) -> str | None:
    connection.settimeout(PACKET_SECONDS)
    for size in PACKET_BYTES:
        try:
            connection.sendall(b"x" * size)
            received = 0
            while received < size and (data := connection.recv(size - received)):
                received += len(data)
        except OSError as error:
            return f"{size} bytes do not come back: {error}"
        if received < size:
            return f"{size} bytes do not come back: connection closed"
    return None


def main() -> None:
    """Answer one request."""
    kind, request = sys.argv[1], json.loads(sys.argv[2])
    answer = {"look": look, "talk": talk}[kind](request)
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
