"""Docker's Engine API, for secrets: any user of a machine can read its command lines."""

import json
import socket
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from tempfile import TemporaryFile
from typing import Any

from cluster.children import child
from cluster.docker.command import COMMAND_SECONDS, command_line, failure


def post(endpoint: str, path: str, body: Mapping[str, Any]) -> None:
    """Send a request to the daemon at an endpoint, over the connection of the docker command.

    `docker system dial-stdio` connects its standard streams to the daemon. Raises
    ClusterError with the daemon's reason if it refuses, is not reached or does not answer in time.
    """
    ours, theirs = socket.socketpair()
    ours.settimeout(COMMAND_SECONDS)
    dial = command_line(endpoint, "system", "dial-stdio")
    with (
        ours,
        TemporaryFile("w+") as said,
        child(dial, stdin=theirs.fileno(), stdout=theirs.fileno(), stderr=said) as stream,
    ):
        theirs.close()
        try:
            refusal = _refusal(ours, path, json.dumps(body))
        except (OSError, HTTPException) as error:
            said.seek(0)
            refusal = said.read() or str(error)
        finally:
            stream.kill()
    if refusal:
        raise failure(endpoint, tuple(path.strip("/").split("/")), refusal)


def _refusal(stream: socket.socket, path: str, body: str) -> str:
    """Send a request over a connection; return why it was refused, or nothing."""
    connection = HTTPConnection("docker")
    connection.sock = stream
    connection.request("POST", path, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    text = answer.read().decode(errors="replace")
    return "" if answer.status == HTTPStatus.OK else text
