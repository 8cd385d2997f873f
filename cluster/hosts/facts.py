"""What the machines themselves say, as values: `gather` reads them, `planning` compares them."""

from collections.abc import Mapping
from dataclasses import dataclass

from cluster.inventory import Node

DOCKER_PACKAGES = frozenset(("docker.io", "docker-ce", "moby-engine"))


@dataclass(frozen=True)
class Engine:
    """What a running Docker says about itself.

    `state` is its membership in a swarm: inactive, active, pending, error or locked; `managers`
    are the addresses (host:port) of that swarm's managers.
    """

    version: str
    hostname: str
    state: str
    swarm_id: str
    manages: bool
    managers: frozenset[str]


@dataclass(frozen=True)
class Member:
    """A node as the swarm's manager knows it.

    `address` is the one it joined from, `state` is Docker's word, such as `ready` or `down`.
    """

    swarm_id: str
    hostname: str
    address: str
    state: str

    def is_on(self, node: Node, engine: Engine | None) -> bool:
        """Whether this is a membership, present or former, of a machine."""
        names = {engine.hostname} if engine else set()
        return self.address == node.address or self.hostname in names


@dataclass(frozen=True)
class HostFacts:
    """What one machine says.

    account: the SSH user.
    groups: the groups the account is in.
    system, version: as in /etc/os-release, such as `debian` and `12`.
    clock: the seconds its clock is ahead of this machine's; negative if behind.
    free: the bytes that are free under /var/lib, where Docker keeps its images.
    ports: the process that listens on a port, by port.
    packages: of the packages that this project installs or replaces, those that are installed.
    running, enabled: of the units that this project needs, those that run or start at boot.
    engine: what Docker says, None while it does not run.
    members: the swarm's nodes, on its manager; empty elsewhere.
    files: the text of each of this project's files that exists, by path.
    mounts: the device of each mount point.
    firewall: the rules that were added to ufw; None where no firewall is active.
    """

    account: str
    groups: frozenset[str]
    system: str
    version: str
    clock: float
    free: int
    ports: Mapping[int, str]
    packages: frozenset[str]
    running: frozenset[str]
    enabled: frozenset[str]
    engine: Engine | None
    members: tuple[Member, ...]
    files: Mapping[str, str]
    mounts: Mapping[str, str]
    firewall: frozenset[str] | None

    @property
    def has_docker(self) -> bool:
        """Whether a Docker engine is installed, from the distribution or elsewhere."""
        return bool(self.packages & DOCKER_PACKAGES)


@dataclass(frozen=True)
class Hosts:
    """The facts of each host by its address; those that could not be asked, with the reason."""

    reached: Mapping[str, HostFacts]
    unreached: Mapping[str, str]
