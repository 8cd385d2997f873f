"""What is there now: read from the nodes, the swarm and this machine; nothing is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class NodeFacts:
    """What the Docker daemon of one node says; `images` maps a reference to its image id."""

    address: str
    hostname: str
    version: str
    swarm_id: str | None
    memory: int
    cpus: int
    images: Mapping[str, str]


@dataclass(frozen=True)
class Member:
    """A node as the swarm's manager sees it."""

    swarm_id: str
    hostname: str
    ready: bool
    active: bool
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Facts:
    """Everything a plan depends on.

    `nodes` has one entry for each node whose Docker answers, by its address in the inventory;
    `members` is empty while there is no swarm.
    """

    now: datetime
    nodes: Mapping[str, NodeFacts]
    members: tuple[Member, ...]
