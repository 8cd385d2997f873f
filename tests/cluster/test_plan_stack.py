"""Plans are values: for each (inventory, facts) exactly these steps, in this order."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cluster.errors import ClusterError
from cluster.local.credentials import AUTHORITY, CLIENT, SERVICE
from cluster.stack.facts import ShareView
from cluster.stack.planning import plan_stack
from cluster.stack.stages.deployment import DeployStack
from cluster.stack.stages.image import BuildImage, SendImage, TransferImage
from cluster.stack.stages.secrets import CreateSecret, RemoveSecret
from tests.cluster.facts import (
    ADDRESSES,
    NOW,
    actions,
    bare,
    change_node,
    converged,
    inventory,
    steps_of,
    with_credentials,
    with_image,
    with_labels,
)

MANAGER, FIRST, SECOND = ADDRESSES


def test_from_a_bare_swarm_everything_is_planned_in_the_order_in_which_it_is_needed():
    """What depends on things that are made first is shown, and has no action yet."""
    wanted = inventory()
    stages = {stage.name: stage.steps for stage in plan_stack(wanted, bare(wanted)).stages}
    assert list(stages) == [
        "certificates",
        "owner",
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
    assert undecided == {"owner", "secrets", "share", "stack"}


def test_a_cluster_that_is_as_it_should_be_needs_nothing():
    """A second `up` has an empty plan."""
    wanted = inventory()
    assert plan_stack(wanted, converged(wanted)).stages == ()


def test_the_image_goes_only_to_the_nodes_that_lack_this_very_one():
    """A node with another image of the same name gets the right one; the builder needs none."""
    wanted = inventory()
    facts = change_node(converged(wanted), SECOND, image="sha256:other")
    assert actions(wanted, facts, SendImage) == [
        SendImage("unix:///m.sock", "unix:///w1.sock", "dask-swarm.invalid/node:c0ffee")
    ]
    assert steps_of(wanted, facts) == [(SECOND, "receive the image dask-swarm.invalid/node:c0ffee")]


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
        plan_stack(wanted, bare(wanted))


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
    """A new authority signs all other certificates, so they are issued again too."""
    wanted = inventory()
    facts = converged(wanted)
    certificates = dict(facts.credentials.certificates)
    certificates[role] = replace(certificates[role], **changes)
    changed = replace(facts, credentials=replace(facts.credentials, certificates=certificates))
    found = [what for _, what in steps_of(wanted, changed)]
    assert found[:1] == ([reissued] if reissued else [])
    assert len(found) == (4 if role == AUTHORITY else len(found[:1]))


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
        {"worker": {"cpus": 2}},
        {"dashboard": {"port": 9999}},
        {"share": {"provide": "folder", "data": "/elsewhere"}},
    ],
)
def test_a_change_of_the_inventory_is_a_new_deployment(change):
    """Whatever the stack's variables depend on is deployed again, and waited for."""
    facts = converged(inventory())
    changed = inventory(**change)
    view = ShareView(dict.fromkeys(changed.share.folders, "dask"))
    found = steps_of(changed, replace(facts, share=dict.fromkeys(facts.nodes, view)))
    assert found[0] == (MANAGER, "deploy the stack dask")


def test_containers_of_another_image_are_restarted():
    """The name of the image may be right and yet another image run."""
    wanted = inventory()
    facts = converged(wanted)
    old = replace(facts.nodes[FIRST].containers[0], image="sha256:old")
    changed = change_node(facts, FIRST, containers=(old,))
    assert steps_of(wanted, changed) == [(MANAGER, "restart the service dask_worker")]


def test_the_share_is_marked_once():
    """If no node sees a sentinel file, both folders get theirs, from the manager."""
    wanted = inventory()
    facts = converged(wanted)
    view = ShareView(dict.fromkeys(wanted.share.folders))
    changed = replace(facts, share=dict.fromkeys(facts.nodes, view))
    assert steps_of(wanted, changed) == [
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
        plan_stack(wanted, replace(facts, share={**facts.share, SECOND: view}))
    assert str(refusal.value).startswith(f"{SECOND}: ")


def test_nodes_that_do_not_answer_or_are_not_in_the_swarm_are_all_named():
    """With hosts = "ready" nothing is done before the swarm is whole."""
    wanted = inventory()
    facts = change_node(bare(wanted), FIRST, swarm_id=None)
    nodes = {address: node for address, node in facts.nodes.items() if address != SECOND}
    facts = replace(facts, nodes=nodes, unreachable={SECOND: f"{SECOND}: no answer"})
    with pytest.raises(ClusterError) as refusal:
        plan_stack(wanted, facts)
    assert str(refusal.value).splitlines() == [
        f"{SECOND}: no answer",
        f"{FIRST}: it is not in the manager's swarm; run `docker swarm join` there",
    ]


def test_the_dask_configuration_is_written_when_it_is_missing_or_says_something_else():
    """Client() must reach this cluster."""
    wanted = inventory()
    for text in (None, "scheduler-address: tcp://other:8786\n"):
        changed = replace(converged(wanted), client_configuration=text)
        (step,) = plan_stack(wanted, changed).steps
        assert step.what.startswith("write ")
        assert "tls://10.0.0.10:8786" in step.action.text
