"""Plans are values: for each (inventory, facts) exactly these steps, in this order."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cluster.errors import ClusterError
from cluster.inventory import Inventory
from cluster.local.credentials import AUTHORITY, CLIENT, SERVICE
from cluster.stack.facts import Facts, ShareView
from cluster.stack.planning import plan
from cluster.stack.stages.deployment import DeployStack, variables
from cluster.stack.stages.image import BuildImage, SendImage, TransferImage
from cluster.stack.stages.labels import LabelNode
from cluster.stack.stages.secrets import CreateSecret, RemoveSecret
from cluster.stack.stages.workers import is_refused
from tests.cluster.facts import (
    ADDRESSES,
    GIBIBYTE,
    NOW,
    VERSIONS,
    bare,
    converged,
    inventory,
    with_credentials,
    with_image,
    with_labels,
)

MANAGER, FIRST, SECOND = ADDRESSES


def steps(wanted: Inventory, facts: Facts) -> list[tuple[str, str]]:
    """Where and what, without the reasons."""
    return [(step.host, step.what) for step in plan(wanted, facts).steps]


def actions(wanted: Inventory, facts: Facts, kind: type) -> list:
    return [step.action for step in plan(wanted, facts).steps if isinstance(step.action, kind)]


def change_node(facts: Facts, address: str, **changes) -> Facts:
    return replace(facts, nodes={**facts.nodes, address: replace(facts.nodes[address], **changes)})


def test_from_a_bare_swarm_everything_is_planned_in_the_order_in_which_it_is_needed():
    """What depends on things that are made first is shown, and has no action yet."""
    wanted = inventory()
    stages = {stage.name: stage.steps for stage in plan(wanted, bare(wanted)).stages}
    assert list(stages) == [
        "certificates",
        "secrets",
        "build",
        "image",
        "labels",
        "share",
        "stack",
        "workers",
        "client",
    ]
    undecided = {name for name, of in stages.items() if any(step.action is None for step in of)}
    assert undecided == {"secrets", "share", "stack"}


def test_a_cluster_that_is_as_it_should_be_needs_nothing():
    """A second `up` has an empty plan."""
    wanted = inventory()
    assert plan(wanted, converged(wanted)).stages == ()


def test_the_image_goes_only_to_the_nodes_that_lack_this_very_one():
    """A node with another image of the same name gets the right one; the builder needs none."""
    wanted = inventory()
    facts = change_node(converged(wanted), SECOND, image="sha256:other")
    assert actions(wanted, facts, SendImage) == [
        SendImage("unix:///m.sock", "unix:///w1.sock", "dask-swarm.invalid/node:c0ffee")
    ]
    assert steps(wanted, facts) == [(SECOND, "receive the image dask-swarm.invalid/node:c0ffee")]


def test_with_a_registry_the_image_is_pushed_once_and_pulled():
    """Nothing is streamed when the inventory names a registry, and digests are resolved."""
    wanted = inventory(image={"registry": "10.0.0.10:5000"})
    facts = bare(wanted)
    reference = "10.0.0.10:5000/dask-swarm:c0ffee"
    assert actions(wanted, facts, BuildImage)[0].reference == reference
    assert actions(wanted, facts, TransferImage) == [
        TransferImage("unix:///m.sock", "push", reference),
        TransferImage("unix:///w0.sock", "pull", reference),
        TransferImage("unix:///w1.sock", "pull", reference),
    ]
    assert actions(wanted, facts, SendImage) == []
    ready = with_labels(wanted, with_image(wanted, with_credentials(wanted, facts)))
    assert actions(wanted, ready, DeployStack)[0].resolve == "always"


def test_an_image_of_the_user_is_never_built():
    """With image.reference that is nowhere, the remedy is said instead."""
    wanted = inventory(image={"reference": "mine:1"})
    with pytest.raises(ClusterError, match=r"unix:///m.sock: the image mine:1 is not there; .*"):
        plan(wanted, bare(wanted))


def test_labels_are_added_where_they_are_missing_or_differ_and_others_are_left_alone():
    """Only the labels of the inventory matter."""
    wanted = inventory()
    facts = converged(wanted)
    first, second, third = facts.swarm.members
    members = (
        replace(first, labels={"mine": "1"}),
        replace(second, labels={"dask": "no", "disk": "ssd"}),
        third,
    )
    changed = replace(facts, swarm=replace(facts.swarm, members=members))
    assert actions(wanted, changed, LabelNode) == [
        LabelNode("unix:///m.sock", "id1", ("dask=worker",))
    ]


@pytest.mark.parametrize(
    ("role", "changes", "reissued"),
    [
        (AUTHORITY, {"expires": NOW + timedelta(days=59)}, "make a certificate authority"),
        (SERVICE, {"expires": NOW + timedelta(days=59)}, "issue the service's certificate"),
        (SERVICE, {"expires": NOW + timedelta(days=61)}, None),
        (SERVICE, {"trusted": False}, "issue the service's certificate"),
        (SERVICE, {"names": frozenset({"scheduler"})}, "issue the service's certificate"),
        (CLIENT, {"trusted": False}, "issue the client's certificate"),
    ],
)
def test_certificates_are_renewed_before_they_end_or_when_they_do_not_fit(role, changes, reissued):
    """A new authority makes all other certificates worthless, so they are issued again too."""
    wanted = inventory()
    facts = converged(wanted)
    certificates = dict(facts.credentials.certificates)
    certificates[role] = replace(certificates[role], **changes)
    changed = replace(facts, credentials=replace(facts.credentials, certificates=certificates))
    found = [what for _, what in steps(wanted, changed)]
    assert found[:1] == ([reissued] if reissued else [])
    assert len(found) == (3 if role == AUTHORITY else len(found[:1]))


def test_a_changed_certificate_becomes_a_new_secret_and_a_new_deployment():
    """Secrets are named by content; the old one goes only when no service reads it."""
    wanted = inventory()
    facts = converged(wanted)
    credentials = replace(facts.credentials, digests={**facts.credentials.digests, "cert": "new"})
    changed = replace(facts, credentials=credentials)
    assert actions(wanted, changed, CreateSecret)[0].name == "dask-cert-new"
    (deploy,) = actions(wanted, changed, DeployStack)
    assert ("SECRET_CERT", "dask-cert-new") in deploy.variables
    assert actions(wanted, changed, RemoveSecret) == []


def test_secrets_that_nothing_reads_are_removed():
    """A secret of this cluster that is neither wanted nor used is left over."""
    wanted = inventory()
    facts = converged(wanted)
    secrets = facts.swarm.secrets | {"dask-cert-old"}
    changed = replace(facts, swarm=replace(facts.swarm, secrets=secrets))
    assert actions(wanted, changed, RemoveSecret) == [
        RemoveSecret("unix:///m.sock", "dask-cert-old")
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"worker": {"memory": "2G"}},
        {"worker": {"cpus": 1.5}},
        {"dashboard": {"port": 9999}},
        {"share": {"provide": "folder", "data": "/elsewhere"}},
    ],
)
def test_a_change_of_the_inventory_is_a_new_deployment(change):
    """Whatever the stack's variables depend on is deployed again, and waited for."""
    facts = converged(inventory())
    changed = inventory(**change)
    view = ShareView(dict.fromkeys(changed.share.folders, "dask"))
    found = steps(changed, replace(facts, share=dict.fromkeys(facts.nodes, view)))
    assert found[0] == (MANAGER, "deploy the stack dask")


def test_containers_of_another_image_are_restarted():
    """The name of the image may be right and yet another image run."""
    wanted = inventory()
    facts = converged(wanted)
    old = replace(facts.nodes[FIRST].containers[0], image="sha256:old")
    changed = change_node(facts, FIRST, containers=(old,))
    assert steps(wanted, changed) == [(MANAGER, "restart the service dask_worker")]


def test_the_share_is_marked_once():
    """If no node sees a sentinel file, both folders get theirs, from the manager."""
    wanted = inventory()
    facts = converged(wanted)
    view = ShareView(dict.fromkeys(wanted.share.folders))
    changed = replace(facts, share=dict.fromkeys(facts.nodes, view))
    assert steps(wanted, changed) == [
        (MANAGER, "write /mnt/shared/.dask-swarm"),
        (MANAGER, "write /mnt/results/.dask-swarm"),
    ]


@pytest.mark.parametrize(
    ("view", "complaint"),
    [
        (
            ShareView({"/mnt/shared": None, "/mnt/results": "dask"}),
            "/mnt/shared has no .dask-swarm",
        ),
        (
            ShareView({"/mnt/shared": "other", "/mnt/results": "dask"}),
            "/mnt/shared is another share",
        ),
        (ShareView({}, "no such folder"), "cannot be looked at: no such folder"),
    ],
)
def test_a_node_without_the_share_is_named_and_refused(view, complaint):
    """An empty folder, another share and a folder that does not exist are three complaints."""
    wanted = inventory()
    facts = converged(wanted)
    with pytest.raises(ClusterError, match=complaint) as refusal:
        plan(wanted, replace(facts, share={**facts.share, SECOND: view}))
    assert str(refusal.value).startswith(f"{SECOND}: ")


def test_a_worker_of_an_older_deployment_does_not_count():
    """Only the task of the latest deployment is the worker that is waited for."""
    wanted = inventory()
    facts = converged(wanted)
    tasks = tuple(
        replace(task, digest="old") if task.hostname == "node2" else task
        for task in facts.swarm.tasks
    )
    changed = replace(facts, swarm=replace(facts.swarm, tasks=tasks))
    assert steps(wanted, changed) == [(MANAGER, "wait for the workers of node2")]


def test_waiting_ends_early_when_tasks_are_refused_again_and_again():
    """Refusals of an earlier deployment do not count: their cause may be mended."""
    facts = converged(inventory())
    task = facts.swarm.tasks[-1]
    refusals = [replace(task, id=f"r{i}", state="rejected") for i in range(3)]
    for count, refused in ((2, False), (3, True)):
        swarm = replace(facts.swarm, tasks=tuple(refusals[:count]))
        assert is_refused(swarm, before=()) == refused
        assert not is_refused(swarm, before={"r0"})


def test_a_labelled_node_outside_the_inventory_is_waited_for_and_a_drained_one_is_not():
    """Whoever is labelled in the swarm is to have a worker, unless it is drained."""
    wanted = inventory()
    facts = converged(wanted)
    guest = replace(facts.swarm.members[2], swarm_id="id9", hostname="guest")
    for active, expected in ((True, [(MANAGER, "wait for the workers of guest")]), (False, [])):
        members = (*facts.swarm.members, replace(guest, active=active))
        changed = replace(facts, swarm=replace(facts.swarm, members=members))
        assert steps(wanted, changed) == expected


@pytest.mark.parametrize(
    ("package", "version", "refused"),
    [
        ("dask", "2026.7.0", True),
        ("python", "3.12.1.final.0", True),
        ("python", "3.11.9.final.0", False),
        ("lz4", "4.4.0", False),
    ],
)
def test_workers_of_other_versions_are_refused_by_name(package, version, refused):
    """Every package must be the client's; of Python major and minor count."""
    wanted = inventory()
    facts = converged(wanted)
    first, *others = facts.dask.workers
    drifted = replace(first, versions={**VERSIONS, package: version})
    changed = replace(facts, dask=replace(facts.dask, workers=(drifted, *others)))
    if refused:
        with pytest.raises(ClusterError, match=f"node1: its worker runs {package} {version}"):
            plan(wanted, changed)
    else:
        assert plan(wanted, changed).stages == ()


def test_a_worker_that_does_not_tell_its_versions_is_not_taken_for_right():
    """Silence is no agreement."""
    wanted = inventory()
    facts = converged(wanted)
    silent = tuple(replace(worker, versions={}) for worker in facts.dask.workers)
    with pytest.raises(ClusterError, match="not every worker tells its versions"):
        plan(wanted, replace(facts, dask=replace(facts.dask, workers=silent)))


def test_nodes_that_do_not_answer_or_are_not_in_the_swarm_are_all_named():
    """With hosts = "ready" nothing is done before the swarm is whole."""
    wanted = inventory()
    facts = change_node(bare(wanted), FIRST, swarm_id=None)
    nodes = {address: node for address, node in facts.nodes.items() if address != SECOND}
    facts = replace(facts, nodes=nodes, unreachable={SECOND: f"{SECOND}: no answer"})
    with pytest.raises(ClusterError) as refusal:
        plan(wanted, facts)
    assert str(refusal.value).splitlines() == [
        f"{SECOND}: no answer",
        f"{FIRST}: it is not in the manager's swarm; run `docker swarm join` there",
    ]


def test_a_worker_gets_what_the_smallest_node_can_give():
    """All CPUs of the smallest worker node, and three quarters of its memory."""
    wanted = inventory()
    facts = with_labels(wanted, with_image(wanted, with_credentials(wanted, bare(wanted))))
    facts = change_node(facts, SECOND, memory=4 * GIBIBYTE, cpus=2)
    facts = change_node(facts, MANAGER, memory=1 * GIBIBYTE, cpus=1)
    found = variables(wanted, facts)
    assert (found["WORKER_CPUS"], found["WORKER_MEMORY"]) == ("2", "3072M")


def test_a_manager_that_works_keeps_memory_for_the_scheduler():
    """3/4 of what the scheduler's limit leaves."""
    manager = {"address": MANAGER, "docker": "unix:///m.sock", "labels": {"dask": "worker"}}
    wanted = inventory(manager=manager, scheduler={"memory": "2G"})
    facts = with_labels(wanted, with_image(wanted, with_credentials(wanted, bare(wanted))))
    facts = change_node(facts, MANAGER, memory=6 * GIBIBYTE)
    assert variables(wanted, facts)["WORKER_MEMORY"] == "3072M"


def test_docker_mounts_the_share_with_options_that_name_the_volume():
    """Docker never changes a volume's options, so other options are another volume."""
    share = {"provide": "volume", "server": "10.0.0.5", "data_export": "/srv/d"}
    names = set()
    for options in ("nfsvers=4.2", "nfsvers=4.1"):
        wanted = inventory(share={**share, "options": options})
        facts = with_image(wanted, with_credentials(wanted, bare(wanted)))
        found = variables(wanted, with_labels(wanted, facts))
        assert found["SHARE_TYPE"] == "nfs"
        assert found["SHARE_OPTIONS"] == f"addr=10.0.0.5,{options}"
        assert found["DATA_DEVICE"] == ":/srv/d"
        names.add(found["DATA_VOLUME"])
    assert len(names) == 2


def test_the_dask_configuration_is_written_when_it_is_missing_or_says_something_else():
    """Client() must reach this cluster."""
    wanted = inventory()
    for text in (None, "scheduler-address: tcp://other:8786\n"):
        changed = replace(converged(wanted), client_configuration=text)
        (step,) = plan(wanted, changed).steps
        assert step.what.startswith("write ")
        assert "tls://10.0.0.10:8786" in step.action.text
