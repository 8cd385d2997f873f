"""The files of this project that the image and the stack are made of."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cluster.digest import short_digest
from cluster.errors import ClusterError
from cluster.inventory import Inventory

ROOT = Path(__file__).resolve().parents[2]
STACK = "stack.yml"
CONTEXT = ("images", "pipeline", "requirements.lock")  # as .dockerignore has it


@dataclass(frozen=True)
class Source:
    """The project's own files.

    `root` is their folder, `context` a digest of what the image is built from, `stack` the text of
    the stack file.
    """

    root: Path
    context: str
    stack: str

    @property
    def stack_file(self) -> Path:
        """Where the stack file is."""
        return self.root / STACK


def read_source(inventory: Inventory) -> Source:
    """Digest the project's files; raise ClusterError outside of a checkout of the project."""
    stack = ROOT / STACK
    if not stack.exists():
        raise ClusterError(f"{ROOT} has no {STACK}; run this in a checkout of the project")
    return Source(ROOT, short_digest(_context(inventory)), stack.read_text(encoding="utf-8"))


def _context(inventory: Inventory) -> Iterator[bytes]:
    """What the image depends on: the image it is built on, and each file's path and content."""
    yield inventory.image.base.encode()
    for name in CONTEXT:
        for path in _files(ROOT / name):
            yield f"\0{path.relative_to(ROOT)}\0".encode()
            yield path.read_bytes()


def _files(path: Path) -> list[Path]:
    """List the files that Docker's build sees below a path, in a fixed order."""
    if path.is_file():
        return [path]
    return sorted(
        file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts
    )
