"""From what is wanted and what is there to what is to be done: pure, and empty when nothing is."""

from collections.abc import Callable

from cluster.errors import ClusterError
from cluster.inventory import Inventory
from cluster.plan import Plan, Stage
from cluster.stack.facts import Facts
from cluster.stack.stages.certificates import plan_certificates
from cluster.stack.stages.client import plan_client
from cluster.stack.stages.deployment import plan_stack
from cluster.stack.stages.image import plan_build, plan_image
from cluster.stack.stages.labels import plan_labels
from cluster.stack.stages.secrets import plan_secrets, plan_unused_secrets
from cluster.stack.stages.share import plan_share
from cluster.stack.stages.workers import plan_workers

Planner = Callable[[Inventory, Facts], Stage]

PLANNERS: tuple[Planner, ...] = (
    plan_certificates,
    plan_secrets,
    plan_build,
    plan_image,
    plan_labels,
    plan_share,
    plan_stack,
    plan_workers,
    plan_client,
    plan_unused_secrets,
)


def plan(inventory: Inventory, facts: Facts) -> Plan:
    """Return all the changes that are left, in order.

    Raises ClusterError for what no step can repair, such as a node without the share.
    """
    _refuse_unreachable(inventory, facts)
    stages = (planner(inventory, facts) for planner in PLANNERS)
    return Plan(tuple(stage for stage in stages if stage.steps))


def _refuse_unreachable(inventory: Inventory, facts: Facts) -> None:
    """A swarm that is there already must answer, and all nodes must be in it."""
    if inventory.hosts == "bare":
        return
    sentences = list(facts.unreachable.values())
    members = {member.swarm_id for member in facts.swarm.members}
    for node in inventory.nodes:
        found = facts.nodes.get(node.address)
        if found and found.swarm_id not in members:
            sentences.append(
                f"{node.address}: it is not in the manager's swarm; run `docker swarm join` there"
            )
    manager = facts.nodes.get(inventory.manager.address)
    if manager and not manager.manages:
        advice = "name one as manager, or run `docker swarm init` or `docker node promote`"
        sentences = [f"{inventory.manager.address}: it is no manager of a swarm; {advice}"]
    if sentences:
        raise ClusterError("\n".join(sentences))
