"""From inventory and facts of the stack to what is left to do: pure, and empty at the end."""

from collections.abc import Callable

from cluster.errors import ClusterError
from cluster.inventory import Inventory
from cluster.plan import Plan, Stage
from cluster.sizes import in_bytes, in_mebibytes
from cluster.stack.allotments import refusals
from cluster.stack.claims import stranger
from cluster.stack.facts import Facts
from cluster.stack.stages.certificates import plan_certificates
from cluster.stack.stages.claim import plan_claim
from cluster.stack.stages.client import plan_client
from cluster.stack.stages.deployment import plan_deployment
from cluster.stack.stages.image import plan_build, plan_image
from cluster.stack.stages.labels import plan_labels
from cluster.stack.stages.library_lock import plan_libraries
from cluster.stack.stages.secrets import plan_secrets, plan_unused_secrets
from cluster.stack.stages.share import plan_share
from cluster.stack.stages.workers import plan_workers

Planner = Callable[[Inventory, Facts], Stage]

PLANNERS: tuple[Planner, ...] = (
    plan_certificates,
    plan_claim,
    plan_secrets,
    plan_libraries,
    plan_build,
    plan_image,
    plan_labels,
    plan_share,
    plan_deployment,
    plan_workers,
    plan_client,
    plan_unused_secrets,
)


def plan_stack(inventory: Inventory, facts: Facts) -> Plan:
    """Return all the changes that are left, in order.

    Raises ClusterError for what no step can repair, such as a node without the share.
    """
    if refusal := stranger(inventory, facts.credentials.authority, facts.swarm.claim):
        raise ClusterError(refusal)
    if refusal := facts.source.libraries.refusal:
        raise ClusterError(refusal)
    _refuse_unreachable(inventory, facts)
    _refuse_too_large(inventory, facts)
    return Plan.of(*(planner(inventory, facts) for planner in PLANNERS))


def _refuse_unreachable(inventory: Inventory, facts: Facts) -> None:
    """Raise ClusterError unless a swarm that is there already answers and holds all nodes."""
    if inventory.hosts == "bare":
        return
    sentences = list(facts.unreachable.values())
    sentences += [
        f"{node.address}: it is not in the manager's swarm; run `docker swarm join` there"
        for node in inventory.nodes
        if node.address in facts.nodes and facts.member(node) is None
    ]
    manager = facts.nodes.get(inventory.manager.address)
    if manager and not manager.manages:
        advice = "name one that is, or run `docker swarm init` or `docker node promote` there"
        sentences = [f"{inventory.manager.address}: it does not manage a swarm; {advice}"]
    sentences += _swapped(inventory, facts)
    if sentences:
        raise ClusterError("\n".join(sentences))


def _swapped(inventory: Inventory, facts: Facts) -> list[str]:
    """Say which nodes have the address that the swarm gives to another node of the inventory."""
    of_another = {node.address for node in inventory.nodes}
    return [
        f"{address}: the Docker at {found.endpoint} is the swarm's {found.swarm_address}, which "
        "the inventory gives to another node; swap the two addresses, or their `docker`"
        for address, found in facts.nodes.items()
        if found.swarm_address in of_another - {address}
    ]


def _refuse_too_large(inventory: Inventory, facts: Facts) -> None:
    """Raise ClusterError if the scheduler or a worker is to have more than its node has.

    The swarm would wait for a larger node for ever.
    """
    sentences = list(refusals(inventory, facts))
    manager, of_scheduler = inventory.manager.address, inventory.scheduler.memory
    if (found := facts.nodes.get(manager)) and in_bytes(of_scheduler) > found.memory:
        has = f"{manager} has {in_mebibytes(found.memory)}; write less"
        sentences = [f"scheduler.memory: {of_scheduler} is more than the manager has: {has}"]
    if sentences:
        raise ClusterError("\n".join(sentences))
