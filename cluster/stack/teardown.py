"""Taking a cluster down: the plan that leaves the swarm, the data and the image as they are."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cluster.docker.command import docker
from cluster.errors import ClusterError
from cluster.inventory import Inventory
from cluster.local import credentials, dask_config
from cluster.plan import HERE, Plan, Step, stage
from cluster.stack.daemon import stack_things
from cluster.stack.facts import Facts
from cluster.stack.stages.client import RemoveConfiguration
from cluster.stack.stages.secrets import RemoveSecret

SECONDS = 180.0
POLL_SECONDS = 0.5


@dataclass(frozen=True)
class RemoveStack:
    """Remove the stack, and wait until the swarm has forgotten its services and networks."""

    endpoint: str
    name: str

    def apply(self) -> None:
        """Remove it."""
        _until_none(self._refusal)
        _await_none(self.endpoint, "network", self.name)

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
class RemoveVolumes:
    """Wait until the stack's containers on a node have ended, and remove its volumes there."""

    endpoint: str
    name: str

    def apply(self) -> None:
        """Remove them; what a volume of the share shows is not touched."""
        _await_none(self.endpoint, "container", self.name, "--all")
        if volumes := stack_things(self.endpoint, "volume", self.name):
            docker(self.endpoint, "volume", "rm", *volumes)


@dataclass(frozen=True)
class RemoveCredentials:
    """Remove certificates, keys and the dashboard's login from the state folder."""

    folder: Path

    def apply(self) -> None:
        """Remove them."""
        credentials.remove(self.folder)


def plan_teardown(inventory: Inventory, facts: Facts) -> Plan:
    """Return what is left to remove of a cluster: stack, volumes, secrets, configuration, keys."""
    stages = (
        stage("stack", _stack(inventory, facts)),
        stage("volumes", _volumes(inventory, facts)),
        stage("secrets", _secrets(inventory, facts)),
        stage("this machine", _here(inventory, facts)),
    )
    return Plan(tuple(stage for stage in stages if stage.steps))


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
            yield Step(node.address, "remove the stack's volumes", "they outlive it", action)


def _secrets(inventory: Inventory, facts: Facts) -> Iterator[Step]:
    manager = inventory.manager
    for name in sorted(facts.swarm.secrets):
        action = RemoveSecret(manager.endpoint, name)
        yield Step(manager.address, f"remove the secret {name}", "nothing uses it", action)


def _here(inventory: Inventory, facts: Facts) -> Iterator[Step]:
    if dask_config.belongs_to(inventory, facts.client_configuration):
        why = "it names this cluster"
        yield Step(HERE, f"remove {dask_config.path()}", why, RemoveConfiguration())
    if facts.credentials.certificates or facts.credentials.digests:
        folder = inventory.state_folder
        why = "they are of no more use"
        yield Step(HERE, f"remove the keys in {folder}", why, RemoveCredentials(folder))


def _await_none(endpoint: str, kind: str, name: str, *options: str) -> None:
    def left() -> ClusterError | None:
        if things := stack_things(endpoint, kind, name, *options):
            return ClusterError(
                f"{endpoint}: after {SECONDS:.0f} s these {kind}s of {name} are still there: "
                f"{' '.join(things)}; run `python -m cluster down` again when the node answers"
            )
        return None

    _until_none(left)


def _until_none(look: Callable[[], ClusterError | None]) -> None:
    """Look again and again until there is no problem; raise the one that stays."""
    deadline = time.monotonic() + SECONDS
    while problem := look():
        if time.monotonic() > deadline:
            raise problem
        time.sleep(POLL_SECONDS)
