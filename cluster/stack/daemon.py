"""What the Docker daemon of one node says."""

from collections.abc import Iterator, Mapping
from typing import Any

from cluster.docker.command import docker_inspect, docker_json, docker_rows
from cluster.docker.stack_objects import listing, stack_objects
from cluster.errors import ClusterError
from cluster.inventory import Node
from cluster.stack.facts import Container, NodeFacts

SERVICE_LABEL = "com.docker.swarm.service.name"


def read_node(node: Node, cluster: str, image: str) -> NodeFacts:
    """Ask one Docker daemon; raise ClusterError with the reason when it cannot be asked."""
    endpoint = node.endpoint
    try:
        info = docker_json(endpoint, "info", "--format", "{{json .}}")
        _refuse_errors(endpoint, info)
        return NodeFacts(
            endpoint=endpoint,
            hostname=info["Name"],
            version=info["ServerVersion"],
            swarm_id=info["Swarm"]["NodeID"] or None,
            manages=info["Swarm"]["ControlAvailable"],
            memory=info["MemTotal"],
            cpus=info["NCPU"],
            image=image_id(endpoint, image),
            containers=tuple(_containers(endpoint, cluster)),
            volumes=tuple(stack_objects(endpoint, "volume", cluster)),
            swarm_address=info["Swarm"].get("NodeAddr") or None,
        )
    except ClusterError as error:
        advice = "check that the machine answers and that you may use Docker there"
        raise ClusterError(f"{error}; {advice}") from None


def _refuse_errors(endpoint: str, info: Mapping[str, Any]) -> None:
    """Raise what the docker command says of a daemon that it could not ask."""
    if info.get("ServerErrors"):
        raise ClusterError(f"{endpoint}: {'; '.join(info['ServerErrors'])}")


def image_id(endpoint: str, image: str) -> str | None:
    """Return the id an image has at an endpoint, or None."""
    rows = docker_rows(endpoint, "image", "ls", "--no-trunc", image)
    return str(rows[0]["ID"]) if rows else None


def _containers(endpoint: str, cluster: str) -> Iterator[Container]:
    """List the running containers of the stack on one node."""
    for container in docker_inspect(endpoint, "container", *listing("container", cluster)):
        service = container["Config"]["Labels"][SERVICE_LABEL]
        networks = container["NetworkSettings"]["Networks"]
        addresses = [network["IPAddress"] for network in networks.values()]
        yield Container(
            id=container["Id"],
            service=service.removeprefix(f"{cluster}_"),
            image=container["Image"],
            address=next(iter(addresses), ""),
        )
