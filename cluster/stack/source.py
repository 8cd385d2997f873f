"""The files of this project that the image and the stack are made of."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cluster.digest import short_digest
from cluster.inventory import Inventory
from cluster.stack.libraries import NONE, Libraries, read_libraries
from cluster.stack.recipe import BESIDE, LOCK, RECIPE, STACK

LIBRARIES = "images/libraries.lock"
CONTEXT = {
    "images": RECIPE / "images",
    LOCK: RECIPE / LOCK,
    "pipeline": BESIDE / "pipeline",
}
"""What the image is built from, as .dockerignore has it: names in Docker's build, and places.

The file LIBRARIES has the inventory's libraries in it, where it names some.
"""


@dataclass(frozen=True)
class Source:
    """What image and stack are made of.

    `context` is a digest of what the image is built from, `stack` the text of the stack file,
    `libraries` is what the inventory adds.
    """

    context: str
    stack: str
    libraries: Libraries = NONE


def read_source(inventory: Inventory) -> Source:
    """Digest the project's files and the inventory's libraries."""
    stack = (RECIPE / STACK).read_text(encoding="utf-8")
    libraries = read_libraries(inventory)
    return Source(short_digest(_context(inventory, libraries)), stack, libraries)


def copy_context(folder: Path, pins: str) -> None:
    """Copy what the image is built from into a folder, which is then Docker's build context.

    `pins` are the inventory's libraries, as pip reads them.
    """
    for name, path in _files():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    (folder / LIBRARIES).write_text(pins, encoding="utf-8")


def _context(inventory: Inventory, libraries: Libraries) -> Iterator[bytes]:
    """What the image depends on: its base, its libraries, and each file's path and content."""
    yield inventory.image.base.encode()
    for name, path in _files():
        yield f"\0{name}\0".encode()
        yield path.read_bytes()
    yield f"{libraries.pins}\0{libraries.refusal}".encode()


def _files() -> Iterator[tuple[str, Path]]:
    """List the files that Docker's build sees, by their names there and in a fixed order."""
    for name, place in CONTEXT.items():
        if place.is_file():
            yield name, place
        for path in sorted(place.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield f"{name}/{path.relative_to(place)}", path
