"""The files of this project that the image and the stack are made of."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cluster.digest import short_digest
from cluster.inventory import Inventory

_BESIDE = Path(__file__).resolve().parents[2]
_IN_A_WHEEL = _BESIDE / "cluster" / "recipe"
RECIPE = _IN_A_WHEEL if _IN_A_WHEEL.is_dir() else _BESIDE
"""Where the recipe is: the stack file, that of the image, the locks, an inventory to begin with.

A checkout has it at its top, an installed package in a folder of its own.
"""

STACK = "stack.yml"
LOCK, CLIENT_LOCK = "requirements.lock", "requirements-hosts.lock"
EXAMPLE = "cluster.example.toml"
CONTEXT = {
    "images": RECIPE / "images",
    LOCK: RECIPE / LOCK,
    "pipeline": _BESIDE / "pipeline",
}
"""What the image is built from, as .dockerignore has it: names in Docker's build, and places."""


@dataclass(frozen=True)
class Source:
    """The project's own files.

    `context` is a digest of what the image is built from, `stack` the text of the stack file.
    """

    context: str
    stack: str


def read_source(inventory: Inventory) -> Source:
    """Digest the project's files."""
    stack = (RECIPE / STACK).read_text(encoding="utf-8")
    return Source(short_digest(_context(inventory)), stack)


def copy_context(folder: Path) -> None:
    """Copy what the image is built from into a folder, which is then Docker's build context."""
    for name, path in _files():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)


def _context(inventory: Inventory) -> Iterator[bytes]:
    """What the image depends on: the image it is built on, and each file's path and content."""
    yield inventory.image.base.encode()
    for name, path in _files():
        yield f"\0{name}\0".encode()
        yield path.read_bytes()


def _files() -> Iterator[tuple[str, Path]]:
    """List the files that Docker's build sees, by their names there and in a fixed order."""
    for name, place in CONTEXT.items():
        if place.is_file():
            yield name, place
        for path in sorted(place.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield f"{name}/{path.relative_to(place)}", path
