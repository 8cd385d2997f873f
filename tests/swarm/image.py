"""The image of this tree: built by a daemon that keeps its layers, and copied to the nodes."""

import os
import subprocess
from pathlib import Path

from tests.pace import limit
from tests.swarm.base import base
from tests.swarm.daemon import Daemon

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dask-swarm"
BUILDER = CACHE / "builder"
BUILDING = 900.0


def build(builder: Daemon) -> str:
    """Build this tree's image, with the base of the lab; its reference names its content."""
    builder.docker("image", "prune", "--all", "--force", "--filter", "until=24h")
    context = ("--file", "images/Dockerfile", "--build-arg", f"BASE={base(builder)}", ".")
    # BuildKit is not on every test machine: the older builder is what the Dockerfile is held to.
    plain = {**os.environ, "DOCKER_BUILDKIT": "0"}
    built = ("build", "--quiet", "--network", "host", *context)
    identity = builder.docker(*built, cwd=ROOT, env=plain, timeout=limit(BUILDING))
    reference = f"dask-swarm.invalid/node:{identity.removeprefix('sha256:')[:12]}"
    builder.docker("tag", identity, reference)
    return reference


def spread(reference: str, source: Daemon, nodes: list[Daemon]) -> None:
    """Copy an image to daemons that lack it, reading it once."""
    save = subprocess.Popen(
        ["docker", "--host", source.docker_host, "save", reference], stdout=subprocess.PIPE
    )
    loads = [
        subprocess.Popen(
            ["docker", "--host", node.docker_host, "load", "--quiet"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        for node in nodes
    ]
    while block := save.stdout.read(1 << 20):
        for load in loads:
            load.stdin.write(block)
    for load in loads:
        load.stdin.close()
    codes = [process.wait() for process in (save, *loads)]
    if any(codes):
        raise RuntimeError(f"{reference} could not be copied to every node: {codes}")
