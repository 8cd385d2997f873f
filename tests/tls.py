"""Whether two sides of TLS come to terms."""

import socket
import ssl
import threading
from contextlib import suppress

GREETING = b"welcome"


def shake_hands(listening: ssl.SSLContext, connecting: ssl.SSLContext) -> bool:
    """Whether a server that listens with one context talks to a client with the other."""
    left, right = socket.socketpair()

    def serve() -> None:
        with suppress(OSError), left, listening.wrap_socket(left, server_side=True) as stream:
            stream.sendall(GREETING)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with right, connecting.wrap_socket(right, server_hostname="127.0.0.1") as stream:
            return stream.recv(len(GREETING)) == GREETING
    except OSError:
        return False
    finally:
        thread.join(timeout=10)
