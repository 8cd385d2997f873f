"""Files and folders for their owner alone."""

from pathlib import Path

from cluster.atomic import write_atomically
from cluster.errors import ClusterError

OWNER_ONLY_FILE, OWNER_ONLY_FOLDER = 0o600, 0o700


def make_private(folder: Path) -> None:
    """Make a folder that only its owner may enter; refuse one that is there and open to others."""
    folder.mkdir(mode=OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
    if folder.stat().st_mode & ~OWNER_ONLY_FOLDER & 0o777:
        raise ClusterError(
            f"{folder} is open to other users, and keys are to be kept there; "
            f"run: chmod 700 {folder}, or name another folder as state in the inventory"
        )


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, complete or not at all."""
    write_atomically(path, content, OWNER_ONLY_FILE)
