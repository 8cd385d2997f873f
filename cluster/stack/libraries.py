"""The libraries that an inventory adds to the project's own packages, and their lock.

The lock is a file beside the inventory, which says in its first lines what it was made from. It is
made anew when that has changed; versions that it holds then stay where they can.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from cluster.digest import short_digest
from cluster.errors import ClusterError
from cluster.inventory import Inventory
from cluster.inventory_values import A_REQUIREMENT, REQUIREMENT
from cluster.local.uv import UvError, uv
from cluster.requirements import OLDEST_PYTHON
from cluster.stack.recipe import CLIENT_LOCK, LOCK, RECIPE

OURS = "# What an inventory adds to the packages of dask-swarm, locked by `python -m cluster`.\n"
HEADER = f"{OURS}# Keep it with the inventory; remove it to lock the newest versions.\n# Made from "
OPTIONS = (
    *("--quiet", "--universal", "--fork-strategy", "fewest", "--generate-hashes"),
    *("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"),
    *("--only-binary", ":all:"),  # what is built from source is not the same everywhere
)
_PIN = re.compile(r"^([a-z0-9._-]+)(?:\[.*?\])?==([^ ;\\\n]+)( ;)?", re.MULTILINE)


@dataclass(frozen=True)
class Libraries:
    """What an inventory adds.

    path: the lock's file.
    text: what that file is to hold; empty if there is to be none.
    found: what it holds now; empty if there is none.
    refusal: why the libraries cannot be locked, in sentences; empty if they are.
    """

    path: Path = Path("cluster.lock")
    text: str = ""
    found: str = ""
    refusal: str = ""

    @property
    def pins(self) -> str:
        """What pip installs: the lock without what it says of itself."""
        return _pins(self.text)

    @property
    def names(self) -> tuple[str, ...]:
        """Each package with its version."""
        return tuple(f"{name} {version}" for name, version, _ in _PIN.findall(self.text))


NONE = Libraries()
"""No library, and no lock."""


def read_libraries(inventory: Inventory) -> Libraries:
    """Read the lock, or resolve what it is to hold; nothing is written.

    The package index is asked only if the lock was made from something else.
    """
    path = inventory.lock
    try:
        key, asked = _asked(inventory)
        found = _found(path, key, asked)
        return Libraries(path, _wanted(key, asked, found), found)
    except (OSError, UnicodeDecodeError) as error:
        return Libraries(path, refusal=f"{path} cannot be read: {error}")
    except ClusterError as error:
        return Libraries(path, refusal=str(error))


def kept_libraries(path: Path) -> Libraries:
    """Return what a lock at `path` holds, if there is one, whatever it was made from."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    text = text if text.startswith(OURS) else ""
    return Libraries(path, text, text)


def _found(path: Path, key: str, asked: str) -> str:
    """Return what the lock holds; "" if there is none, or another's file that is not in the way."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if text.startswith(OURS):
        return text
    if text and asked:
        advice = f"move it away, for {key} is locked in a file of that name"
        raise ClusterError(f"{path} was not made by this program; {advice}")
    return ""


def _asked(inventory: Inventory) -> tuple[str, str]:
    """Return the key that names the packages, and them as a requirements file; "" for none."""
    path = inventory.requirements
    if path is None:
        return "image.packages", "\n".join(inventory.image.packages)
    return "image.requirements", "\n".join(_listed(path))


def _listed(path: Path) -> Iterator[str]:
    """Yield the lines of a requirements file without comments; refuse what is no package."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        advice = "write it, or name it as it is called from the inventory's folder"
        raise ClusterError(f"image.requirements: {path} does not exist; {advice}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ClusterError(f"image.requirements: {path} cannot be read: {error}") from None
    for number, line in enumerate(text.splitlines(), 1):
        found = re.sub(r"(^|\s)#.*", "", line).strip()
        if found and not re.fullmatch(REQUIREMENT, found) and not found.startswith("--hash="):
            wrong = f"expected {A_REQUIREMENT}, got {found!r}"
            raise ClusterError(f"image.requirements: {path}, line {number}: {wrong}")
        if found:
            yield found


def _wanted(key: str, asked: str, found: str) -> str:
    """Return what the lock is to hold."""
    if not asked:
        return ""
    own = [(RECIPE / name).read_bytes() for name in (LOCK, CLIENT_LOCK)]
    head = f"{HEADER}{short_digest([asked.encode(), *own])}\n"
    if found.startswith(head):
        return found
    try:
        return head + _resolve(asked, _pins(found))
    except UvError as error:
        raise ClusterError(f"{key}: {_why(error)}:\n{error}") from None


def _resolve(asked: str, pins: str) -> str:
    """Lock what is asked for beside the project's own versions; `pins` stay where they can.

    Of the client's lock, which holds the image's too, nothing moves. What every image has is left
    out.
    """
    own = (RECIPE / LOCK).read_text(encoding="utf-8")
    there = [name for name, _, only_somewhere in _PIN.findall(own) if not only_somewhere]
    with TemporaryDirectory(prefix="dask-swarm-lock-") as folder:
        lock = Path(folder, "lock")
        lock.write_text(pins, encoding="utf-8")
        uv(
            *("--directory", folder, "pip", "compile", "-", "--output-file", str(lock)),
            *("--constraint", str(RECIPE / CLIENT_LOCK)),
            *("--python", sys.executable, "--python-version", OLDEST_PYTHON),
            *OPTIONS,
            *(f"--no-emit-package={name}" for name in there),
            stdin=asked,
        )
        return _pins(lock.read_text(encoding="utf-8"))


def _why(error: UvError) -> str:
    """Say what to do about uv's words, which follow."""
    if "Failed to fetch" in str(error):
        return (
            "the package index cannot be asked; check the network, or name another index in "
            "UV_DEFAULT_INDEX"
        )
    return (
        "no version of these packages goes with the versions of this project, which stay; change "
        "or leave out what is named here"
    )


def _pins(text: str) -> str:
    """Return a lock without its comments."""
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if not line.lstrip().startswith("#"))
