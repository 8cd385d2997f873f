"""What the swarm's manager says: members, services of the stack, their tasks, secrets, owner."""

from collections.abc import Collection, Mapping
from typing import Any

from cluster.docker.command import docker_inspect, docker_rows
from cluster.docker.stack_objects import STACK_LABEL
from cluster.inventory import Inventory
from cluster.stack.claims import OWNER, read_claims
from cluster.stack.facts import Member, Service, Swarm, Task
from cluster.stack.names import CLUSTER_LABEL, DIGEST_LABEL


def read_swarm(inventory: Inventory) -> Swarm:
    """Ask the manager."""
    endpoint, name = inventory.manager.endpoint, inventory.name
    secrets = docker_rows(endpoint, "secret", "ls", "--filter", f"label={CLUSTER_LABEL}={name}")
    listing = ("service", "ls", "--quiet", "--filter", f"label={STACK_LABEL}={name}")
    services = docker_inspect(endpoint, "service", *listing)
    members = tuple(map(_member, docker_inspect(endpoint, "node", "node", "ls", "--quiet")))
    hostnames = {member.swarm_id: member.hostname for member in members}
    called = {spec["ID"]: spec["Spec"]["Name"].removeprefix(f"{name}_") for spec in services}
    return Swarm(
        members=members,
        services={called[spec["ID"]]: _service(spec) for spec in services},
        tasks=tuple(
            _task(task, called, hostnames)
            for task in sorted(
                _tasks(endpoint, called),
                key=lambda task: str(task["CreatedAt"]),
                reverse=True,
            )
        ),
        secrets=frozenset(row["Name"] for row in secrets),
        claim=read_claims(inventory).get(OWNER),
    )


def _tasks(endpoint: str, services: Collection[str]) -> list[dict[str, Any]]:
    listing = ("service", "ps", "--quiet", "--no-trunc", *services)
    return docker_inspect(endpoint, "task", *listing) if services else []


def _task(
    task: Mapping[str, Any], services: Mapping[str, str], hostnames: Mapping[str, str]
) -> Task:
    return Task(
        id=task["ID"],
        service=services.get(task["ServiceID"], "?"),
        hostname=hostnames.get(task.get("NodeID", ""), "no node"),
        wanted=task["DesiredState"],
        state=task["Status"]["State"],
        error=task["Status"].get("Err", ""),
        digest=(task["Spec"]["ContainerSpec"].get("Labels") or {}).get(DIGEST_LABEL),
    )


def _member(node: Mapping[str, Any]) -> Member:
    return Member(
        swarm_id=node["ID"],
        hostname=node["Description"]["Hostname"],
        ready=node["Status"]["State"] == "ready",
        active=node["Spec"]["Availability"] == "active",
        labels=node["Spec"].get("Labels") or {},
    )


def _service(spec: Mapping[str, Any]) -> Service:
    container = spec["Spec"]["TaskTemplate"]["ContainerSpec"]
    return Service(
        digest=spec["Spec"]["Labels"].get(DIGEST_LABEL),
        secrets=frozenset(secret["SecretName"] for secret in container.get("Secrets") or ()),
    )
