"""The deployment of the stack: when the file, its variables or the image differ from what runs."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cluster.digest import short_digest
from cluster.docker.command import docker
from cluster.inventory import Inventory
from cluster.local.credentials import SECRET_FILES
from cluster.plan import Stage, Step
from cluster.stack.facts import SERVICES, Facts
from cluster.stack.names import DIGEST_LABEL, secret_names
from cluster.stack.recipe import RECIPE, STACK
from cluster.stack.variables import variables

OF_WORKERS = ("WORKER_", "DATA_", "RESULTS_", "SHARE_")
COMPOSE = "3.9"  # the same as in the stack file, or Docker refuses to merge


@dataclass(frozen=True)
class DeployStack:
    """Deploy the stack file with its variables.

    `digests` has for each service what is remembered as a label of it and of its containers;
    `resolve` is Docker's `--resolve-image`: `never` for images that no registry knows.
    """

    endpoint: str
    name: str
    file: Path
    variables: tuple[tuple[str, str], ...]
    digests: tuple[tuple[str, str], ...]
    resolve: str

    def apply(self) -> None:
        """Deploy it."""
        services = {}
        for service, digest in self.digests:
            label = {DIGEST_LABEL: digest}
            services[service] = {"labels": label, "deploy": {"labels": label}}
        docker(
            self.endpoint,
            *("stack", "deploy", "--resolve-image", self.resolve),
            *("--compose-file", str(self.file), "--compose-file", "-", self.name),
            stdin=json.dumps({"version": COMPOSE, "services": services}),
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
    digests = service_digests(facts.source.stack, values)
    services = facts.swarm.services
    changed = {
        name for name in SERVICES if name not in services or services[name].digest != digests[name]
    }
    if changed:
        together = "scheduler" in changed or facts.built not in _worker_images(facts)
        deploy = DeployStack(
            endpoint=manager.endpoint,
            name=inventory.name,
            file=RECIPE / STACK,
            variables=tuple(
                sorted({**values, "WORKERS_AT_ONCE": "0" if together else "1"}.items())
            ),
            digests=tuple(digests.items()),
            resolve="always" if inventory.image.registry else "never",
        )
        why = _reason(changed) if services else "it does not run"
        yield Step(manager.address, f"deploy the stack {inventory.name}", why, deploy)
        return
    for service in SERVICES:
        if stale := _running_another_image(service, facts):
            name = f"{inventory.name}_{service}"
            why = f"another image runs on {', '.join(stale)}; running jobs are lost"
            restart = RestartService(manager.endpoint, name)
            yield Step(manager.address, f"restart the service {name}", why, restart)


def service_digests(stack: str, values: Mapping[str, str]) -> dict[str, str]:
    """Return for each service a digest of what it is deployed from, by the stack file's text.

    What only the workers read leaves the scheduler, and with it a running job, as it is.
    """
    of_scheduler = {
        name: value for name, value in values.items() if not name.startswith(OF_WORKERS)
    }
    read = {"scheduler": of_scheduler, "worker": values}
    return {
        service: short_digest([f"{stack}\0{json.dumps(read[service], sort_keys=True)}".encode()])
        for service in SERVICES
    }


def _reason(changed: Collection[str]) -> str:
    if "scheduler" in changed:
        return (
            "its file, settings or secrets have changed; the scheduler restarts, and running jobs "
            "are lost"
        )
    return "the workers' settings have changed; they restart, and running jobs go on"


def _worker_images(facts: Facts) -> set[str]:
    containers = (each for node in facts.nodes.values() for each in node.containers)
    return {container.image for container in containers if container.service == "worker"}


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
