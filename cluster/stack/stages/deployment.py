"""The stack: deployed when the file, its variables or the image differ from what runs."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cluster.docker.command import docker
from cluster.inventory import WORKER_LABEL, Inventory
from cluster.local.credentials import SECRET_FILES
from cluster.plan import Stage, Step, stage
from cluster.stack.facts import Facts
from cluster.stack.names import DIGEST_LABEL, image_reference, secret_names

COMPOSE = "3.9"  # the same as in the stack file, or Docker refuses to merge
SERVICES = ("scheduler", "worker")
MEBIBYTE = 2**20
_UNITS = {"M": 1, "G": 1024}


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
    """Start a service's containers anew, with the image that has the name now."""

    endpoint: str
    service: str

    def apply(self) -> None:
        """Restart it."""
        options = ("--force", "--detach", "--no-resolve-image")
        docker(self.endpoint, "service", "update", *options, self.service)


def plan_stack(inventory: Inventory, facts: Facts) -> Stage:
    """Deploy the stack, or restart what runs another image of the same name."""
    return stage("stack", _steps(inventory, facts))


def variables(inventory: Inventory, facts: Facts) -> Mapping[str, str]:
    """Return the variables of the stack file; it has no others."""
    share = inventory.share
    names = secret_names(inventory, facts.credentials)
    manager = facts.nodes[inventory.manager.address]
    return {
        "IMAGE": image_reference(inventory, facts.source),
        **_share_variables(inventory),
        "DATA_PATH": share.data,
        "RESULTS_PATH": share.results,
        "SECRET_CA": names["ca"],
        "SECRET_CERT": names["cert"],
        "SECRET_KEY": names["key"],
        "SECRET_DASHBOARD": names["dashboard"],
        "SCHEDULER_PLACEMENT": f"node.id == {manager.swarm_id}",
        "SCHEDULER_PORT": str(inventory.scheduler.port),
        "DASHBOARD_PORT": str(inventory.dashboard.port),
        "SCHEDULER_MEMORY": inventory.scheduler.memory,
        "WORKER_CPUS": f"{worker_cpus(inventory, facts):g}",
        "WORKER_MEMORY": f"{worker_memory(inventory, facts) // MEBIBYTE}M",
    }


def _share_variables(inventory: Inventory) -> dict[str, str]:
    """Return the volumes' options, and names that change with them: Docker never changes them."""
    share = inventory.share
    by_docker = share.provide == "volume"
    data, results = share.folders.values() if by_docker else share.folders
    options = f"addr={inventory.share_server},{share.options}" if by_docker else "bind"
    values = {
        "SHARE_TYPE": "nfs" if by_docker else "none",
        "SHARE_OPTIONS": options,
        "DATA_DEVICE": f":{data}" if by_docker else data,
        "RESULTS_DEVICE": f":{results}" if by_docker else results,
    }
    digest = _digest(*values.values())
    volumes = {
        f"{kind.upper()}_VOLUME": f"{inventory.name}-{kind}-{digest}"
        for kind in ("data", "results")
    }
    return {**values, **volumes}


def worker_cpus(inventory: Inventory, facts: Facts) -> float:
    """Return the CPUs of one worker: the inventory's, or all of the smallest worker node."""
    return inventory.worker.cpus or min(facts.nodes[n].cpus for n in _working(inventory, facts))


def worker_memory(inventory: Inventory, facts: Facts) -> int:
    """Return the bytes of one worker: the inventory's, or 3/4 of what the smallest node has left.

    What the scheduler may use is not left to the manager's worker.
    """
    if inventory.worker.memory:
        return in_bytes(inventory.worker.memory)
    scheduler = in_bytes(inventory.scheduler.memory)
    manager = inventory.manager.address
    free = (
        facts.nodes[address].memory - (scheduler if address == manager else 0)
        for address in _working(inventory, facts)
    )
    return min(free) * 3 // 4


def in_bytes(size: str) -> int:
    """Convert a size of the inventory, such as 900M or 1.5G, to bytes."""
    return int(float(size[:-1]) * _UNITS[size[-1]] * MEBIBYTE)


def _working(inventory: Inventory, facts: Facts) -> list[str]:
    """Return the addresses of the nodes of the inventory whose label asks for a worker."""
    key, value = WORKER_LABEL
    labelled = {
        member.swarm_id for member in facts.swarm.members if member.labels.get(key) == value
    }
    return [
        node.address
        for node in inventory.nodes
        if node.works or facts.nodes[node.address].swarm_id in labelled
    ]


def _steps(inventory: Inventory, facts: Facts) -> Iterator[Step]:
    manager = inventory.manager
    if not _deployable(inventory, facts):
        why = "it needs the secrets and all nodes first"
        yield Step(manager.address, f"deploy the stack {inventory.name}", why)
        return
    values = variables(inventory, facts)
    digest = _digest(facts.source.stack, json.dumps(values, sort_keys=True))
    services = facts.swarm.services
    deployed = {services[name].digest if name in services else None for name in SERVICES}
    if deployed != {digest}:
        deploy = DeployStack(
            manager.endpoint,
            inventory.name,
            facts.source.root / "stack.yml",
            tuple(sorted(values.items())),
            digest,
            "always" if inventory.image.registry else "never",
        )
        why = "something of it has changed" if services else "it does not run"
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


def _digest(*texts: str) -> str:
    return sha256("\0".join(texts).encode()).hexdigest()[:12]
