"""The deployment of the stack: when the file, its variables or the image differ from what runs."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cluster.digest import short_digest
from cluster.docker.command import docker
from cluster.inventory import Inventory
from cluster.local.credentials import SECRET_FILES
from cluster.plan import Stage, Step
from cluster.stack.facts import SERVICES, Facts
from cluster.stack.names import DIGEST_LABEL, secret_names
from cluster.stack.source import RECIPE, STACK
from cluster.stack.variables import variables

COMPOSE = "3.9"  # the same as in the stack file, or Docker refuses to merge


@dataclass(frozen=True)
class DeployStack:
    """Deploy the stack file with its variables.

    `digest` is remembered as a label of each service and container; `resolve` is Docker's
    `--resolve-image`: `never` for images that no registry knows.
    """

    endpoint: str
    name: str
    file: Path
    variables: tuple[tuple[str, str], ...]
    digest: str
    resolve: str

    def apply(self) -> None:
        """Deploy it."""
        label = {DIGEST_LABEL: self.digest}
        service = {"labels": label, "deploy": {"labels": label}}
        labels = {"version": COMPOSE, "services": dict.fromkeys(SERVICES, service)}
        docker(
            self.endpoint,
            *("stack", "deploy", "--resolve-image", self.resolve),
            *("--compose-file", str(self.file), "--compose-file", "-", self.name),
            stdin=json.dumps(labels),
            variables=dict(self.variables),
        )


@dataclass(frozen=True)
class RestartService:
    """Start a service's containers again, with the image that has the name now."""

    endpoint: str
    service: str

    def apply(self) -> None:
        """Restart it."""
        options = ("--force", "--detach", "--no-resolve-image")
        docker(self.endpoint, "service", "update", *options, self.service)


def plan_deployment(inventory: Inventory, facts: Facts) -> Stage:
    """Deploy the stack, or restart what runs another image of the same name."""
    return Stage.of("stack", _steps(inventory, facts))


def _steps(inventory: Inventory, facts: Facts) -> Iterator[Step]:
    manager = inventory.manager
    if not _deployable(inventory, facts):
        why = "it needs the secrets and all nodes first"
        yield Step(manager.address, f"deploy the stack {inventory.name}", why)
        return
    values = variables(inventory, facts)
    text = f"{facts.source.stack}\0{json.dumps(values, sort_keys=True)}"
    digest = short_digest([text.encode()])
    services = facts.swarm.services
    deployed = {services[name].digest if name in services else None for name in SERVICES}
    if deployed != {digest}:
        deploy = DeployStack(
            endpoint=manager.endpoint,
            name=inventory.name,
            file=RECIPE / STACK,
            variables=tuple(sorted(values.items())),
            digest=digest,
            resolve="always" if inventory.image.registry else "never",
        )
        why = "its file, settings or secrets have changed" if services else "it does not run"
        yield Step(manager.address, f"deploy the stack {inventory.name}", why, deploy)
        return
    for service in SERVICES:
        if stale := _running_another_image(service, facts):
            name = f"{inventory.name}_{service}"
            why = f"another image runs on {', '.join(stale)}"
            restart = RestartService(manager.endpoint, name)
            yield Step(manager.address, f"restart the service {name}", why, restart)


def _deployable(inventory: Inventory, facts: Facts) -> bool:
    nodes = [facts.nodes.get(node.address) for node in inventory.nodes]
    joined = all(node is not None and node.swarm_id for node in nodes)
    return joined and len(secret_names(inventory, facts.credentials)) == len(SECRET_FILES)


def _running_another_image(service: str, facts: Facts) -> list[str]:
    return [
        node.hostname
        for node in facts.nodes.values()
        if any(
            container.service == service and container.image != facts.built
            for container in node.containers
        )
    ]
