"""Whether every Dask process of this container serves: exit code 0, or an error.

The certificate is not verified: this process and the one it asks share a container.
"""

import os
import ssl
import urllib.request

from service.allotment import processes_of, settings_of

LIMIT = 20.0
PORT = 8787
"""Of the scheduler's pages, and of the first worker process; those of the others follow."""


def ports() -> range:
    """Return the ports that are asked: as many as there are processes."""
    settings = settings_of(os.environ.get("NODE", ""), os.environ.get("WORKER_ALLOTMENTS", ""))
    return range(PORT, PORT + processes_of(settings))


if __name__ == "__main__":
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    for port in ports():
        urllib.request.urlopen(f"https://127.0.0.1:{port}/health", timeout=LIMIT, context=context)
