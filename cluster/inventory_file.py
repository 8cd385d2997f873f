"""Adding and removing workers in the inventory file; everything else in it stays as it is."""

import stat
from pathlib import Path

import tomlkit

from cluster.atomic import write_atomically
from cluster.errors import ClusterError
from cluster.inventory import Inventory, parse


def add_worker(path: Path, address: str, user: str | None) -> Inventory:
    """Write a worker into the file, and return the new inventory.

    `user` is the SSH user, None for ssh's own choice. Raises ClusterError when a node has the
    address already; the file is then unchanged.
    """
    document = tomlkit.parse(path.read_text(encoding="utf-8"))
    worker = tomlkit.table()
    worker.add("address", address)
    if user:
        worker.add("user", user)
    document.setdefault("workers", tomlkit.aot()).append(worker)
    return _write(path, document)


def remove_worker(path: Path, address: str) -> Inventory:
    """Take a worker out of the file, and return the new inventory.

    Raises ClusterError when no worker has the address; the file is then unchanged.
    """
    document = tomlkit.parse(path.read_text(encoding="utf-8"))
    workers = document.get("workers", [])
    index = next((i for i, one in enumerate(workers) if one["address"] == address), None)
    if index is None:
        raise ClusterError(f"{path}: no worker has the address {address}")
    del workers[index]
    if not workers:
        del document["workers"]
    return _write(path, document)


def _write(path: Path, document: tomlkit.TOMLDocument) -> Inventory:
    """Write a document that is a valid inventory, with the permissions that the file has."""
    text = tomlkit.dumps(document)
    inventory = parse(tomlkit.parse(text).unwrap(), str(path))
    write_atomically(path, text.encode(), stat.S_IMODE(path.stat().st_mode))
    return inventory
