"""Files for their owner alone, and complete or absent."""

import os
from pathlib import Path

from cluster.errors import ClusterError


def make_private(folder: Path) -> None:
    """Make a folder that only its owner may enter; refuse one that is there and open to others."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        raise ClusterError(
            f"{folder} is open to other users, and keys are to be kept there; "
            f"run: chmod 700 {folder}, or name another folder as state in the inventory"
        )


def write(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read: beside its name, flushed, and then renamed."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    unfinished.replace(path)
