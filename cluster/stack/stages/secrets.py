"""Certificates and login as Swarm secrets, each named by its content since secrets never change."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cluster.docker.command import docker
from cluster.inventory import Inventory
from cluster.local.credentials import SECRET_FILES
from cluster.plan import Stage, Step
from cluster.stack.facts import Facts
from cluster.stack.names import CLUSTER_LABEL, secret_names


@dataclass(frozen=True)
class CreateSecret:
    """Create a secret of the swarm from a file."""

    endpoint: str
    name: str
    file: Path
    cluster: str

    def apply(self) -> None:
        """Create it; the content goes through standard input, never into an argument."""
        label = f"{CLUSTER_LABEL}={self.cluster}"
        content = self.file.read_text(encoding="utf-8")
        docker(self.endpoint, "secret", "create", "--label", label, self.name, "-", stdin=content)


@dataclass(frozen=True)
class RemoveSecret:
    """Remove a secret of the swarm."""

    endpoint: str
    name: str

    def apply(self) -> None:
        """Remove it."""
        docker(self.endpoint, "secret", "rm", self.name)


def plan_secrets(inventory: Inventory, facts: Facts) -> Stage:
    """Create the secrets that the swarm does not hold yet."""
    return Stage.of("secrets", _missing_steps(inventory, facts))


def plan_unused_secrets(inventory: Inventory, facts: Facts) -> Stage:
    """Remove this cluster's secrets of older content, once no service reads them."""
    return Stage.of("unused secrets", _unused_steps(inventory, facts))


def _missing_steps(inventory: Inventory, facts: Facts) -> Iterator[Step]:
    manager = inventory.manager
    names = secret_names(inventory, facts.credentials)
    for kind, file in SECRET_FILES.items():
        name = names.get(kind)
        if name is None:
            yield Step(manager.address, f"create the secret {kind}", "its content is made first")
        elif name not in facts.swarm.secrets:
            path = facts.credentials.folder / file
            action = CreateSecret(manager.endpoint, name, path, inventory.name)
            yield Step(manager.address, f"create the secret {name}", "it is missing", action)


def _unused_steps(inventory: Inventory, facts: Facts) -> Iterator[Step]:
    manager = inventory.manager
    services = facts.swarm.services.values()
    wanted = frozenset(secret_names(inventory, facts.credentials).values())
    used = frozenset[str]().union(*(service.secrets for service in services))
    for name in sorted(facts.swarm.secrets - wanted - used):
        action = RemoveSecret(manager.endpoint, name)
        yield Step(manager.address, f"remove the secret {name}", "nothing uses it", action)
