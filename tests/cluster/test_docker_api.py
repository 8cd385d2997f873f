"""Requests to Docker's Engine API, whose daemon is played by a script."""

import json

import pytest

from cluster.docker.api import post
from cluster.errors import ClusterError

DAEMON = """
import http.server, json, socket
class Daemon(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length'])).decode()
        calls.write(json.dumps([self.path, body, sys.argv[1:]]))
        calls.flush()
        self.send_response(STATUS)
        self.end_headers()
        self.wfile.write(b'{"message": "no such token"}')
Daemon(socket.socket(fileno=0), ('docker', 0), None)
"""
BODY = {"JoinToken": "SWMTKN-1-abc"}


def test_the_body_reaches_the_daemon_and_stands_in_no_command_line(play):
    """The command line only opens a stream to the daemon."""
    calls = play(DAEMON.replace("STATUS", "200"))
    post("unix:///s", "/swarm/join", BODY)
    dialled = '["--host", "unix:///s", "system", "dial-stdio"]'
    assert calls.read_text() == f'x["/swarm/join", {json.dumps(json.dumps(BODY))}, {dialled}]'


def test_the_daemon_s_refusal_is_told(play):
    """In the daemon's words."""
    play(DAEMON.replace("STATUS", "503"))
    with pytest.raises(ClusterError, match=r"unix:///s: `docker swarm join` failed: .*such token"):
        post("unix:///s", "/swarm/join", BODY)


def test_a_daemon_that_is_not_reached_is_told(play):
    """In the words of the docker command, that is of ssh."""
    play("sys.exit('ssh: no route to host')")
    with pytest.raises(ClusterError, match="`docker swarm join` failed: ssh: no route to host"):
        post("ssh://ops@w", "/swarm/join", BODY)
