"""What the Docker daemon of one node says."""

from collections.abc import Iterator

from cluster.docker.command import docker, docker_inspect, docker_json, docker_rows
from cluster.errors import ClusterError
from cluster.stack.facts import Container, NodeFacts
from cluster.stack.names import SERVICE_LABEL, STACK_LABEL


def read_node(endpoint: str, cluster: str, image: str) -> NodeFacts | ClusterError:
    """Ask one Docker daemon; the error says why it cannot be asked."""
    try:
        info = docker_json(endpoint, "info", "--format", "{{json .}}")
        if info.get("ServerErrors"):
            return ClusterError(f"{endpoint}: {'; '.join(info['ServerErrors'])}")
        return NodeFacts(
            endpoint=endpoint,
            hostname=info["Name"],
            version=info["ServerVersion"],
            swarm_id=info["Swarm"]["NodeID"] or None,
            manages=info["Swarm"]["ControlAvailable"],
            memory=info["MemTotal"],
            cpus=info["NCPU"],
            image=image_id(endpoint, image),
            containers=tuple(read_containers(endpoint, cluster)),
            volumes=tuple(stack_things(endpoint, "volume", cluster)),
        )
    except ClusterError as error:
        advice = "check that the machine answers and that you may use Docker there"
        return ClusterError(f"{error}; {advice}")


def image_id(endpoint: str, image: str) -> str | None:
    """Return the id an image has at an endpoint, or None."""
    rows = docker_rows(endpoint, "image", "ls", "--no-trunc", image)
    return str(rows[0]["ID"]) if rows else None


def read_containers(endpoint: str, cluster: str) -> Iterator[Container]:
    """List the running containers of the stack on one node."""
    for container in docker_inspect(endpoint, "container", *_listing("container", cluster)):
        service = container["Config"]["Labels"][SERVICE_LABEL]
        networks = container["NetworkSettings"]["Networks"]
        addresses = [network["IPAddress"] for network in networks.values()]
        yield Container(
            id=container["Id"],
            service=service.removeprefix(f"{cluster}_"),
            image=container["Image"],
            address=next(iter(addresses), ""),
        )


def stack_things(endpoint: str, kind: str, cluster: str, *options: str) -> list[str]:
    """List the ids of a stack's containers, volumes or networks on one node."""
    return docker(endpoint, *_listing(kind, cluster), *options).split()


def _listing(kind: str, cluster: str) -> tuple[str, ...]:
    return kind, "ls", "--quiet", "--filter", f"label={STACK_LABEL}={cluster}"
