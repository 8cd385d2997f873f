"""Whether the share is mounted: a worker without it would fail in the midst of a task."""

import os
import socket
import sys
from pathlib import Path

SENTINEL = ".dask-swarm"


def check_share() -> None:
    """End this process with a sentence if a folder of the share lacks its sentinel file."""
    for folder in (os.environ["DATA_PATH"], os.environ["RESULTS_PATH"]):
        if not Path(folder, SENTINEL).is_file():
            sys.exit(
                f"{socket.gethostname()}: {folder} has no file {SENTINEL}, so the share is not "
                "mounted on this node: mount it, or run `python -m cluster doctor`"
            )
