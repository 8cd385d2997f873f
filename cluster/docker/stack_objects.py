"""The containers, volumes and networks of a stack on one node, found by Docker's own label."""

from dataclasses import dataclass
from typing import Literal

from cluster.docker.command import docker
from cluster.errors import ClusterError
from cluster.poll import wait_until_none

STACK_LABEL = "com.docker.stack.namespace"
REMOVAL_SECONDS = 180.0
POLL_SECONDS = 0.5

Kind = Literal["container", "volume", "network"]


@dataclass(frozen=True)
class RemoveVolumes:
    """Wait until the stack's containers on a node have ended, and remove its volumes there."""

    endpoint: str
    stack: str

    def apply(self) -> None:
        """Remove them; what a volume of the share shows is not touched."""
        await_none_left(self.endpoint, "container", self.stack, "--all")
        _remove(self.endpoint, "volume", stack_objects(self.endpoint, "volume", self.stack))


@dataclass(frozen=True)
class ClearNode:
    """Wait until the stack's containers on a node have ended, and remove them and its volumes.

    Its services go on elsewhere, and so Docker keeps what has ended here.
    """

    endpoint: str
    stack: str

    def apply(self) -> None:
        """Remove them; what a volume of the share shows is not touched."""
        await_none_left(self.endpoint, "container", self.stack)
        ended = stack_objects(self.endpoint, "container", self.stack, "--all")
        _remove(self.endpoint, "container", ended, "--volumes")
        _remove(self.endpoint, "volume", stack_objects(self.endpoint, "volume", self.stack))


def _remove(endpoint: str, kind: Kind, ids: list[str], *options: str) -> None:
    if ids:
        docker(endpoint, kind, "rm", *options, *ids)


def stack_objects(endpoint: str, kind: Kind, stack: str, *options: str) -> list[str]:
    """List the ids of a stack's objects of one kind on one node."""
    return docker(endpoint, *listing(kind, stack), *options).split()


def listing(kind: Kind, stack: str) -> tuple[str, ...]:
    """Return the arguments of the Docker command that lists a stack's objects of one kind."""
    return kind, "ls", "--quiet", "--filter", f"label={STACK_LABEL}={stack}"


def await_none_left(
    endpoint: str, kind: Kind, stack: str, *options: str, seconds: float = REMOVAL_SECONDS
) -> None:
    """Wait until a stack has no object of a kind on a node; raise ClusterError after `seconds`."""

    def left() -> ClusterError | None:
        if ids := stack_objects(endpoint, kind, stack, *options):
            return ClusterError(
                f"{endpoint}: after {seconds:.0f} s these {kind}s of {stack} are still "
                f"there: {' '.join(ids)}; run the command again when the node answers"
            )
        return None

    wait_until_none(left, seconds=seconds, poll_seconds=POLL_SECONDS)
