"""A virtual environment for this machine, with the versions that the image has."""

import platform
import sys
from collections.abc import Callable
from pathlib import Path

from cluster.apply import apply
from cluster.errors import ClusterError
from cluster.inventory import read_inventory
from cluster.local.uv import uv
from cluster.own_package import requirement
from cluster.plan import Plan
from cluster.stack.libraries import Libraries, kept_libraries, read_libraries
from cluster.stack.recipe import CLIENT_LOCK, RECIPE
from cluster.stack.stages.library_lock import lock_stage

OWN = "dask-swarm.txt"
"""What an environment has of this project; one without this file was made by somebody else."""

CHANGES = (" + ", " - ", " ~ ")


def make(inventory: Path, folder: Path, tell: Callable[[str], object]) -> int:
    """Let `folder` be such an environment; return how many packages were changed in it.

    They are those of the client's lock, what the file `inventory` adds, and this project. Where
    there is no inventory, the lock that lies in its place is taken as it is. What else is in the
    environment goes. `tell` is called with what is about to be done. Raises ClusterError if the
    folder is something else, or a package cannot be had.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / OWN).exists():
        raise ClusterError(
            f"{folder} is there and was not made by `cluster env`; remove it or name another"
        )
    libraries = _libraries(inventory, tell)
    if (stage := lock_stage(libraries)).steps:
        apply(Plan.of(stage), lambda step: tell(str(step)))
    if not _fits(folder):
        tell(f"making {folder} with Python {platform.python_version()}")
        uv("venv", "--clear", "--python", sys.executable, str(folder))
    (folder / OWN).write_text(f"{requirement(folder)}\n", encoding="utf-8")
    tell(f"bringing {folder} to the versions of the image")
    locks = [RECIPE / CLIENT_LOCK, *([libraries.path] if libraries.pins else [])]
    said = uv(
        *("pip", "sync", "--python", str(folder / "bin" / "python")),
        *map(str, (*locks, folder / OWN)),
    )
    return sum(line.startswith(CHANGES) for line in said.splitlines())


def _libraries(inventory: Path, tell: Callable[[str], object]) -> Libraries:
    """Return what the inventory adds, or the lock in its place."""
    if inventory.exists():
        found = read_libraries(read_inventory(inventory))
    else:
        found = kept_libraries(inventory.with_suffix(".lock"))
        adds = f"those of {found.path}" if found.text else "none"
        tell(f"there is no {inventory}; libraries beside the project's own: {adds}")
    if found.refusal:
        raise ClusterError(found.refusal)
    return found


def _fits(folder: Path) -> bool:
    """Whether it is an environment of this very Python."""
    configuration = folder / "pyvenv.cfg"
    version = f"version_info = {platform.python_version()}"
    return configuration.is_file() and version in configuration.read_text("utf-8").splitlines()
