"""The Dask configuration file that lets any program of this user say `Client()`."""

import json
from pathlib import Path
from typing import Any

from dask import config

from cluster.inventory import Inventory
from cluster.local.credentials import AUTHORITY, CERTIFICATE, CLIENT, KEY
from cluster.local.private_files import write_private

FILE_NAME = "dask-swarm.yaml"


def default_path() -> Path:
    """Return where Dask finds the file: in DASK_CONFIG, or else in ~/.config/dask."""
    return Path(config.PATH) / FILE_NAME


def text(inventory: Inventory) -> str:
    """Return the file's content: the scheduler's address, and where the client's certificate is.

    It is JSON, and so YAML, below a comment.
    """
    folder = inventory.state_folder.absolute()
    content = document(
        inventory,
        authority=str(folder / CERTIFICATE[AUTHORITY]),
        certificate=str(folder / CERTIFICATE[CLIENT]),
        key=str(folder / KEY[CLIENT]),
    )
    return f"{_heading(inventory)}\n{json.dumps(content, indent=2)}\n"


def document(inventory: Inventory, *, authority: str, certificate: str, key: str) -> dict[str, Any]:
    """Return Dask's configuration of a client: where scheduler and dashboard are, and its keys.

    `authority`, `certificate` and `key` are each a path or the PEM text itself; Dask takes both.
    """
    tls = {"ca-file": authority, "client": {"cert": certificate, "key": key}}
    return {
        "scheduler-address": inventory.scheduler_address,
        "distributed": {
            "comm": {"require-encryption": True, "tls": tls},
            "dashboard": {"link": f"{inventory.dashboard_address}/status"},
        },
    }


def read(path: Path) -> str | None:
    """Return what the file holds now, or None."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def write(path: Path, content: str) -> None:
    """Write the file, complete or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_private(path, content.encode())


def belongs_to(inventory: Inventory, content: str | None) -> bool:
    """Whether a file was written for this cluster."""
    return content is not None and content.startswith(_heading(inventory) + "\n")


def remove(path: Path) -> None:
    """Remove the file, if it is there."""
    path.unlink(missing_ok=True)


def _heading(inventory: Inventory) -> str:
    return (
        f"# The cluster {inventory.name}, by `python -m cluster`: `up` writes, `down` removes it."
    )
