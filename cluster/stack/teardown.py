"""Taking the stack down; the swarm, the data and the image stay as they are."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cluster.docker.command import docker
from cluster.docker.stack_objects import (
    POLL_SECONDS,
    REMOVAL_SECONDS,
    RemoveVolumes,
    await_none_left,
)
from cluster.errors import ClusterError
from cluster.inventory import Inventory
from cluster.local import credentials, dask_config
from cluster.plan import HERE, Plan, Stage, Step
from cluster.poll import wait_until_none
from cluster.stack.claims import stranger
from cluster.stack.facts import Facts
from cluster.stack.stages.claim import disowning
from cluster.stack.stages.client import RemoveConfiguration
from cluster.stack.stages.labels import removals
from cluster.stack.stages.secrets import RemoveSecret


@dataclass(frozen=True)
class RemoveStack:
    """Remove the stack, and wait until the swarm has forgotten its services and networks."""

    endpoint: str
    name: str
    seconds: float = REMOVAL_SECONDS

    def apply(self) -> None:
        """Remove it; raise ClusterError when something of it is there after `seconds`."""
        wait_until_none(self._refusal, seconds=self.seconds, poll_seconds=POLL_SECONDS)
        await_none_left(self.endpoint, "network", self.name, seconds=self.seconds)

    def _refusal(self) -> ClusterError | None:
        """Try once; return Docker's refusal if a task that is still ending holds a network."""
        try:
            docker(self.endpoint, "stack", "rm", self.name)
        except ClusterError as refusal:
            if "in use by task" in str(refusal):
                return refusal
            raise
        return None


@dataclass(frozen=True)
class RemoveCredentials:
    """Remove certificates, keys and the dashboard's login from the state folder."""

    folder: Path

    def apply(self) -> None:
        """Remove them."""
        credentials.remove(self.folder)


def plan_stack_teardown(inventory: Inventory, facts: Facts) -> Plan:
    """Return what is left to remove of a cluster: stack, volumes, labels, secrets, keys.

    Raises ClusterError if the cluster is somebody else's.
    """
    if refusal := stranger(inventory, facts.credentials.authority, facts.swarm.claim):
        raise ClusterError(refusal)
    return Plan.of(
        Stage.of("stack", _stack(inventory, facts)),
        Stage.of("volumes", _volumes(inventory, facts)),
        Stage.of("labels", removals(inventory, facts)),
        Stage.of("secrets", _secrets(inventory, facts)),
        Stage.of("owner", disowning(inventory, facts)),
        Stage.of("this machine", _here(inventory, facts)),
    )


def _stack(inventory: Inventory, facts: Facts) -> Iterator[Step]:
    manager, name = inventory.manager, inventory.name
    if facts.swarm.deployed:
        action = RemoveStack(manager.endpoint, name)
        yield Step(manager.address, f"remove the stack {name}", "its services run", action)


def _volumes(inventory: Inventory, facts: Facts) -> Iterator[Step]:
    for node in inventory.nodes:
        found = facts.nodes.get(node.address)
        if found and (found.volumes or found.containers):
            action = RemoveVolumes(node.endpoint, inventory.name)
            yield Step(
                node.address,
                "remove the stack's volumes",
                "they outlive the stack",
                action,
            )


def _secrets(inventory: Inventory, facts: Facts) -> Iterator[Step]:
    manager = inventory.manager
    for name in sorted(facts.swarm.secrets):
        action = RemoveSecret(manager.endpoint, name)
        yield Step(manager.address, f"remove the secret {name}", "nothing uses it", action)


def _here(inventory: Inventory, facts: Facts) -> Iterator[Step]:
    if dask_config.belongs_to(inventory, facts.client_configuration):
        why = "it names this cluster"
        path = dask_config.default_path()
        yield Step(HERE, f"remove {path}", why, RemoveConfiguration(path))
    if facts.credentials.certificates or facts.credentials.digests:
        folder = inventory.state_folder
        why = "nothing uses them any more"
        yield Step(HERE, f"remove the keys in {folder}", why, RemoveCredentials(folder))
