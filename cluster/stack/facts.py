"""What is there now, as values: `gather` reads them, `planning` compares them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cluster.inventory import Node
from cluster.local.credentials import Credentials
from cluster.stack.source import Source

SERVICES = ("scheduler", "worker")


@dataclass(frozen=True)
class Container:
    """A running container of the stack; `service` is `scheduler` or `worker`."""

    id: str
    service: str
    image: str
    address: str


@dataclass(frozen=True)
class NodeFacts:
    """What the Docker daemon of one node says.

    `swarm_id` and `swarm_address`, the node's address in the swarm, are None outside one;
    `manages` says whether it is one of the swarm's managers,
    `image` is the id the wanted reference has there, `memory` is in bytes; containers and volumes
    are the stack's.
    """

    endpoint: str
    hostname: str
    version: str
    swarm_id: str | None
    manages: bool
    memory: int
    cpus: int
    image: str | None
    containers: tuple[Container, ...] = ()
    volumes: tuple[str, ...] = ()
    swarm_address: str | None = None


@dataclass(frozen=True)
class Member:
    """A node as the swarm's manager sees it."""

    swarm_id: str
    hostname: str
    ready: bool
    active: bool
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Service:
    """A service of the stack: the digest of what it was deployed from, and the secrets it reads."""

    digest: str | None
    secrets: frozenset[str]


@dataclass(frozen=True)
class Task:
    """An attempt of the swarm to run a service on a node; `error` is empty if nothing is wrong.

    `wanted` and `state` are Docker's words, such as `running` and `rejected`.
    """

    id: str
    service: str
    hostname: str
    wanted: str
    state: str
    error: str
    digest: str | None


@dataclass(frozen=True)
class Claim:
    """What the swarm says of whose something is: the authority's identity, who made it, and when.

    `by` is USER@MACHINE, `at` a time in UTC, both as a person reads them.
    """

    authority: str
    by: str
    at: str

    def __str__(self) -> str:
        """Return who, and since when."""
        return f"{self.by} on {self.at}"


@dataclass(frozen=True)
class Swarm:
    """The manager's view: members, services of the stack, their tasks, this cluster's secrets.

    `claim` says whose the cluster is, None while nobody has made it.
    """

    members: tuple[Member, ...] = ()
    services: Mapping[str, Service] = field(default_factory=dict)
    tasks: tuple[Task, ...] = ()
    secrets: frozenset[str] = frozenset()
    claim: Claim | None = None

    @property
    def deployed(self) -> bool:
        """Whether the stack has any service."""
        return bool(self.services)


@dataclass(frozen=True)
class ShareView:
    """The share as a container on one node sees it.

    `markers` holds the content of each folder's sentinel file, None if there is none; `problem`
    says why the share could not be looked at.
    """

    markers: Mapping[str, str | None]
    problem: str | None = None


@dataclass(frozen=True)
class DaskWorker:
    """A worker that is connected to the scheduler; memory in bytes, no versions if it is silent.

    `executing` is the number of tasks that it computes now. Workers are called NODE-TASK: the
    node's host name and the beginning of the swarm task's id; one of several `processes` has its
    place, too: NODE-TASK.PLACE. They share the node's `cpus`; `resources` are Dask's.
    """

    name: str
    threads: int
    memory_limit: int
    memory: int
    versions: Mapping[str, str | None]
    executing: int = 0
    processes: int = 1
    cpus: int | None = None
    resources: Mapping[str, float] = field(default_factory=dict)

    @property
    def hostname(self) -> str:
        """The name of its node."""
        return self.name.rpartition("-")[0]

    @property
    def task(self) -> str:
        """The beginning of its task's id."""
        return self.name.rpartition("-")[2].partition(".")[0]


@dataclass(frozen=True)
class DaskFacts:
    """What the scheduler says to a client of this machine."""

    workers: tuple[DaskWorker, ...]
    client_versions: Mapping[str, str | None]


@dataclass(frozen=True)
class Facts:
    """Everything a plan depends on.

    `nodes` and `share` are keyed by the node's address in the inventory. A node whose Docker does
    not answer is in `unreachable`, with the reason; a node without the image is not in `share`.
    `built` is the image's id where it is built, `dask` is None while no scheduler answers.
    """

    now: datetime
    source: Source
    credentials: Credentials
    client_configuration: str | None
    nodes: Mapping[str, NodeFacts]
    unreachable: Mapping[str, str]
    swarm: Swarm
    built: str | None
    share: Mapping[str, ShareView]
    dask: DaskFacts | None

    def member(self, node: Node) -> Member | None:
        """Return a node's membership in the swarm, None if it has none or does not answer."""
        found = self.nodes.get(node.address)
        if found is None or found.swarm_id is None:
            return None
        members = {member.swarm_id: member for member in self.swarm.members}
        return members.get(found.swarm_id)
