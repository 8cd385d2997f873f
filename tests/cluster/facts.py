"""A cluster of three nodes as values: what the plans' tests start from and then change."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cluster.inventory import Inventory, parse
from cluster.local import dask_config
from cluster.local.credentials import (
    AUTHORITY,
    CLIENT,
    SECRET_FILES,
    SERVICE,
    CertificateFacts,
    Credentials,
)
from cluster.sizes import GIBIBYTE
from cluster.stack.facts import (
    Claim,
    Container,
    DaskFacts,
    DaskWorker,
    Facts,
    Member,
    NodeFacts,
    Service,
    ShareView,
    Swarm,
    Task,
)
from cluster.stack.names import secret_names
from cluster.stack.planning import plan_stack
from cluster.stack.source import Source
from cluster.stack.stages.certificates import service_names
from cluster.stack.stages.deployment import DeployStack
from cluster.stack.stages.labels import labels_of

NOW = datetime(2026, 6, 1, tzinfo=UTC)
IMAGE = "sha256:aaaa"
VERSIONS = {"python": "3.11.2.final.0", "dask": "2026.8.0", "lz4": None}
ADDRESSES = ("10.0.0.10", "10.0.0.11", "10.0.0.12")


def inventory(**changes) -> Inventory:
    """A manager and two workers, reached by sockets, over a share that is there."""
    document = {
        "hosts": "ready",
        "state": "/state",
        "manager": {"address": ADDRESSES[0], "docker": "unix:///m.sock"},
        "workers": [
            {"address": address, "docker": f"unix:///w{i}.sock"}
            for i, address in enumerate(ADDRESSES[1:])
        ],
        "share": {"provide": "folder"},
    }
    return parse(document | changes)


def bare(wanted: Inventory) -> Facts:
    """A swarm, and nothing else."""
    nodes = {
        node.address: NodeFacts(
            endpoint=node.endpoint,
            hostname=f"node{i}",
            version="28.2.2",
            swarm_id=f"id{i}",
            manages=i == 0,
            memory=8 * GIBIBYTE,
            cpus=4,
            image=None,
        )
        for i, node in enumerate(wanted.nodes)
    }
    members = tuple(
        Member(node.swarm_id, node.hostname, ready=True, active=True, labels={})
        for node in nodes.values()
    )
    return Facts(
        now=NOW,
        source=Source("c0ffee", "stack"),
        credentials=Credentials(wanted.state_folder, {}, None, {}),
        client_configuration=None,
        nodes=nodes,
        unreachable={},
        swarm=Swarm(members),
        built=None,
        share={},
        dask=None,
    )


def with_credentials(wanted: Inventory, facts: Facts) -> Facts:
    """The same, once certificates, login and their secrets are made."""
    year = timedelta(days=365)
    names = {AUTHORITY: frozenset(), SERVICE: service_names(wanted), CLIENT: frozenset()}
    credentials = Credentials(
        folder=wanted.state_folder,
        certificates={
            role: CertificateFacts(NOW + year, names[role], trusted=True) for role in names
        },
        dashboard_user=wanted.dashboard.user,
        digests={kind: f"{kind}1" for kind in SECRET_FILES},
        authority="us",
        revocations=True,
    )
    secrets = frozenset(secret_names(wanted, credentials).values())
    swarm = replace(facts.swarm, secrets=secrets, claim=Claim("us", "ana@laptop", "2026-05-01"))
    return replace(facts, credentials=credentials, swarm=swarm)


def with_image(wanted: Inventory, facts: Facts) -> Facts:
    """The same, once the image is on every node, so that the marked share could be looked at."""
    view = ShareView(dict.fromkeys(wanted.share.folders, "dask"))
    nodes = {address: replace(node, image=IMAGE) for address, node in facts.nodes.items()}
    return replace(facts, built=IMAGE, nodes=nodes, share=dict.fromkeys(facts.nodes, view))


def with_labels(wanted: Inventory, facts: Facts) -> Facts:
    """The same, once the nodes are labelled."""
    members = tuple(
        replace(member, labels=labels_of(wanted, node))
        for member, node in zip(facts.swarm.members, wanted.nodes, strict=True)
    )
    return replace(facts, swarm=replace(facts.swarm, members=members))


def with_stack(wanted: Inventory, facts: Facts) -> Facts:
    """The same, once the stack that is planned now runs and its workers are connected."""
    deploy = next(
        step.action
        for step in plan_stack(wanted, facts).steps
        if isinstance(step.action, DeployStack)
    )
    members = [member for member in facts.swarm.members if member.labels]
    names = frozenset(secret_names(wanted, facts.credentials).values())
    digests = dict(deploy.digests)
    services = {name: Service(digest, names) for name, digest in digests.items()}
    tasks = [
        Task(
            f"task{i}-long", "worker", member.hostname, "running", "running", "", digests["worker"]
        )
        for i, member in enumerate(members)
    ]
    workers = tuple(
        DaskWorker(f"{member.hostname}-task{i}", 4, GIBIBYTE, 0, VERSIONS)
        for i, member in enumerate(members)
    )
    nodes = {
        address: replace(node, containers=(Container("c", "worker", IMAGE, f"10.1.0.{i}"),))
        for i, (address, node) in enumerate(facts.nodes.items())
    }
    scheduler = Task("s", "scheduler", "node0", "running", "running", "", digests["scheduler"])
    swarm = replace(facts.swarm, services=services, tasks=(scheduler, *tasks))
    return replace(facts, nodes=nodes, swarm=swarm, dask=DaskFacts(workers, VERSIONS))


def converged(wanted: Inventory) -> Facts:
    """The cluster as the inventory describes it."""
    facts = bare(wanted)
    for step in (with_credentials, with_image, with_labels, with_stack):
        facts = step(wanted, facts)
    return replace(facts, client_configuration=dask_config.text(wanted))


def steps_of(wanted: Inventory, facts: Facts) -> list[tuple[str, str]]:
    """Where and what, without the reasons."""
    return [(step.host, step.what) for step in plan_stack(wanted, facts).steps]


def change_node(facts: Facts, address: str, **changes) -> Facts:
    """The same, with other facts about one node."""
    return replace(facts, nodes={**facts.nodes, address: replace(facts.nodes[address], **changes)})


def actions(wanted: Inventory, facts: Facts, kind: type) -> list:
    """What is planned of one kind."""
    return [
        step.action for step in plan_stack(wanted, facts).steps if isinstance(step.action, kind)
    ]
