"""Workers come and go in the inventory file; whatever else is written there stays as it is."""

from pathlib import Path

import tomlkit

from cluster.errors import ClusterError
from cluster.inventory import Inventory, parse


def add(path: Path, address: str, user: str | None) -> Inventory:
    """Write a worker into the file; raise ClusterError when it is there already."""
    document = tomlkit.parse(path.read_text(encoding="utf-8"))
    worker = tomlkit.table()
    worker.add("address", address)
    if user:
        worker.add("user", user)
    document.setdefault("workers", tomlkit.aot()).append(worker)
    return _write(path, document)


def remove(path: Path, address: str) -> Inventory:
    """Take a worker out of the file; raise ClusterError when it is not there."""
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
    """Write what is valid, complete or not at all."""
    text = tomlkit.dumps(document)
    inventory = parse(tomlkit.parse(text).unwrap(), str(path))
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)
    return inventory
