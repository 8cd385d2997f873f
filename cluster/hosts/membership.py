"""The swarm: made on the manager if there is none, joined by every other node; never destroyed."""

from collections.abc import Iterator
from dataclasses import dataclass

from cluster.docker.api import post
from cluster.docker.command import docker
from cluster.docker.stack_objects import stack_objects
from cluster.errors import ClusterError
from cluster.hosts import layout
from cluster.hosts.facts import HostFacts, Member
from cluster.hosts.remote import Change, call
from cluster.inventory import Inventory, Node
from cluster.plan import Step
from cluster.poll import wait_until_none
from cluster.requirements import SWARM_PORT

NOTICE_SECONDS = 120.0
DRAIN_SECONDS = 300.0
POLL_SECONDS = 1.0


@dataclass(frozen=True)
class Initialise:
    """Make a swarm with this node as its manager."""

    node: Node

    def apply(self) -> None:
        """Make it."""
        _mark(self.node)
        docker(self.node.endpoint, "swarm", "init", "--advertise-addr", self.node.address)


@dataclass(frozen=True)
class Join:
    """Make a node a worker of the manager's swarm."""

    manager: Node
    node: Node

    def apply(self) -> None:
        """Join; the token goes from one host to the other and nowhere else."""
        _mark(self.node)
        token = docker(self.manager.endpoint, "swarm", "join-token", "--quiet", "worker").strip()
        request = {
            "JoinToken": token,
            "RemoteAddrs": [f"{self.manager.address}:{SWARM_PORT}"],
            "AdvertiseAddr": self.node.address,
            "ListenAddr": f"0.0.0.0:{SWARM_PORT}",
        }
        post(self.node.endpoint, "/swarm/join", request)


@dataclass(frozen=True)
class Leave:
    """Take a node out of its swarm."""

    node: Node
    force: bool = False

    def apply(self) -> None:
        """Leave."""
        docker(self.node.endpoint, "swarm", "leave", *(["--force"] if self.force else []))


@dataclass(frozen=True)
class Drain:
    """End a node's tasks in good order: a worker hands over its results before it stops."""

    manager: Node
    node: Node
    swarm_id: str
    stack: str

    def apply(self) -> None:
        """Drain the node, and wait until none of the stack's containers runs there."""
        docker(self.manager.endpoint, "node", "update", "--availability", "drain", self.swarm_id)
        wait_until_none(self._running, seconds=DRAIN_SECONDS, poll_seconds=POLL_SECONDS)

    def _running(self) -> ClusterError | None:
        if not stack_objects(self.node.endpoint, "container", self.stack):
            return None
        return ClusterError(
            f"{self.node.address}: its containers did not end in {DRAIN_SECONDS:.0f} s; "
            "see `docker ps` there, then run remove-node again"
        )


@dataclass(frozen=True)
class Forget:
    """Remove a node that has left from the manager's list."""

    manager: Node
    swarm_id: str

    def apply(self) -> None:
        """Wait until the manager has noticed that the node is down, and remove it."""
        wait_until_none(self._not_down, seconds=NOTICE_SECONDS, poll_seconds=POLL_SECONDS)
        docker(self.manager.endpoint, "node", "rm", self.swarm_id)

    def _not_down(self) -> ClusterError | None:
        state = ("node", "inspect", self.swarm_id, "--format", "{{.Status.State}}")
        if docker(self.manager.endpoint, *state).strip() == "down":
            return None
        return ClusterError(
            f"{self.manager.address}: the swarm's node {self.swarm_id} is not down after "
            f"{NOTICE_SECONDS:.0f} s; check that Docker on that machine has left the swarm"
        )


def plan_swarm(inventory: Inventory, node: Node, facts: HostFacts) -> Iterator[Step]:
    """Plan a swarm where the manager is in none."""
    if node == inventory.manager and (facts.engine is None or facts.engine.state == "inactive"):
        yield Step(node.address, "make a swarm", "there is none", Initialise(node))


def plan_membership(
    inventory: Inventory, node: Node, facts: HostFacts, listed: tuple[Member, ...]
) -> Iterator[Step]:
    """Plan to join a node that is not a member; one that left and came back joins again."""
    engine = facts.engine
    swarm_id = engine.swarm_id if engine else ""
    if node == inventory.manager or swarm_id in {member.swarm_id for member in listed}:
        return
    for member in listed:
        if member.is_on(node, engine) and member.state == "down":
            forget = Forget(inventory.manager, member.swarm_id)
            yield Step(node.address, "forget its former membership", "it left the swarm", forget)
    if engine and engine.state == "active":
        leave = Leave(node, force=True)
        yield Step(node.address, "leave the swarm", "the manager no longer lists it", leave)
    yield Step(node.address, "join the swarm", "not a member", Join(inventory.manager, node))


def _mark(node: Node) -> None:
    """Note that this project put the node into the swarm, so that `down --all` takes it out."""
    mark = call("files.put", text=f"{node.address}\n", dest=layout.JOINED, mode="644")
    Change(node, (mark,)).apply()
