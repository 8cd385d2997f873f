"""One image on every node, with the same id: built once, then pulled or streamed where needed."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from cluster import children
from cluster.docker.command import command_line, docker, failure, run_docker
from cluster.errors import ClusterError
from cluster.inventory import Inventory, Node
from cluster.plan import Stage, Step
from cluster.stack.facts import Facts
from cluster.stack.names import image_reference
from cluster.stack.source import copy_context

BUILD_SECONDS = 1800.0
TRANSFER_SECONDS = 1800.0


@dataclass(frozen=True)
class BuildImage:
    """Build the image of this project's own files, with the libraries in `pins`."""

    endpoint: str
    reference: str
    base: str
    pins: str = ""

    def apply(self) -> None:
        """Build it, with the Dockerfile that users read."""
        with TemporaryDirectory(prefix="dask-swarm-build-") as context:
            copy_context(Path(context), self.pins)
            command = (
                "build",
                # pip downloads as this machine does: a bridge may have another DNS server or MTU
                *("--network", "host"),
                *("--file", str(Path(context, "images", "Dockerfile"))),
                *("--build-arg", f"BASE={self.base}"),
                *("--tag", self.reference),
                context,
            )
            done = run_docker(self.endpoint, *command, seconds=BUILD_SECONDS)
        if done.returncode:
            # Of what failed in the image the older builder tells on standard output.
            raise failure(self.endpoint, command, f"{done.stdout}\n{done.stderr}")


@dataclass(frozen=True)
class TransferImage:
    """Push an image to the registry its reference names, or pull it from there."""

    endpoint: str
    verb: Literal["push", "pull"]
    reference: str

    def apply(self) -> None:
        """Push or pull it."""
        docker(self.endpoint, self.verb, "--quiet", self.reference, seconds=TRANSFER_SECONDS)


@dataclass(frozen=True)
class SendImage:
    """Stream an image from one Docker to another, without a file in between."""

    source: str
    target: str
    reference: str

    def apply(self) -> None:
        """Send it: `docker save | docker load`."""
        save, load = ("image", "save", self.reference), ("image", "load", "--quiet")
        pipe = subprocess.PIPE
        with children.child(command_line(self.source, *save), stdout=pipe, stderr=pipe) as saving:
            try:
                loading = children.run(
                    command_line(self.target, *load), stdin=saving.stdout, seconds=TRANSFER_SECONDS
                )
            except subprocess.TimeoutExpired:
                raise ClusterError(
                    f"{self.target}: the image did not arrive within {TRANSFER_SECONDS:.0f} s; "
                    "check the network between the machines, or name a registry in image.registry"
                ) from None
            reason = saving.communicate()[1].decode(errors="replace")
        if saving.returncode and not loading.returncode:
            raise failure(self.source, save, reason)
        if loading.returncode:
            raise failure(self.target, load, loading.stderr)


def plan_build(inventory: Inventory, facts: Facts) -> Stage:
    """Build the wanted image, and push it if there is a registry."""
    return Stage.of("build", _build_steps(inventory, facts))


def plan_image(inventory: Inventory, facts: Facts) -> Stage:
    """Bring the wanted image to every node."""
    return Stage.of("image", _transfer_steps(inventory, facts))


def _build_steps(inventory: Inventory, facts: Facts) -> Iterator[Step]:
    image = image_reference(inventory, facts.source)
    builder, host = inventory.builder, inventory.manager.address
    if facts.built is None:
        if inventory.image.reference:
            raise ClusterError(
                f"{builder}: the image {image} is not there; "
                "build or pull it there, or remove image.reference from the inventory"
            )
        build = BuildImage(builder, image, inventory.image.base, facts.source.libraries.pins)
        yield Step(host, f"build the image {image}", "it is missing", build)
    if inventory.image.registry and _nodes_without(inventory, facts):
        push = TransferImage(builder, "push", image)
        yield Step(host, f"push the image {image}", "not every node has it", push)


def _transfer_steps(inventory: Inventory, facts: Facts) -> Iterator[Step]:
    image = image_reference(inventory, facts.source)
    for node, why in _nodes_without(inventory, facts):
        if inventory.image.registry:
            pull = TransferImage(node.endpoint, "pull", image)
            yield Step(node.address, f"pull the image {image}", why, pull)
        else:
            send = SendImage(inventory.builder, node.endpoint, image)
            yield Step(node.address, f"receive the image {image}", why, send)


def _nodes_without(inventory: Inventory, facts: Facts) -> list[tuple[Node, str]]:
    """Return the nodes that do not have the image that was built, each with the reason."""
    without = []
    for node in inventory.nodes:
        found = facts.nodes.get(node.address)
        image = found.image if found else None
        if node.endpoint != inventory.builder and (facts.built is None or image != facts.built):
            why = "another image has its name there" if image else "it is missing there"
            without.append((node, why))
    return without
