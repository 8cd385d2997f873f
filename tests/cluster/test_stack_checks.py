"""The doctor: a healthy cluster has only ok lines, each illness is one line with its remedy."""

from dataclasses import replace

import pytest

from cluster.doctor.observe import Look, Observations, required_ports
from cluster.doctor.stack_checks import OVERLAY_REMEDIES, stack_checks
from cluster.sizes import GIBIBYTE
from tests.cluster.facts import ADDRESSES, change_node, converged, inventory

MANAGER, FIRST, SECOND = ADDRESSES
FILE = {"size": 200, "modified": 1_700_000_000_000_000_000, "digest": "d"}


def healthy(wanted) -> Observations:
    """What a probe sees of a healthy cluster."""
    seen = {
        "time": 1000.5,
        "memory_available": 4 * GIBIBYTE,
        "disk_free": 50 * GIBIBYTE,
        "files": {"data.csv": FILE},
        "ports": [{"host": MANAGER, "port": 2377, "error": None}],
    }
    looks = {node.address: Look(seen, before=1000.0, after=1001.0) for node in wanted.nodes}
    talk = {"names": {"scheduler": ["10.1.0.0"]}, "peers": {"10.1.0.2": None}}
    return Observations(looks, {"node0": talk, "node1": talk})


def seeing(observations: Observations, address: str, **changes) -> Observations:
    look = observations.looks[address]
    looks = {**observations.looks, address: replace(look, seen={**look.seen, **changes})}
    return replace(observations, looks=looks)


def illnesses(wanted, facts, seen) -> list[tuple[str, str, str]]:
    return [(c.host, c.what, c.advice) for c in stack_checks(wanted, facts, seen) if not c.ok]


def test_a_healthy_cluster_has_only_ok_lines():
    """And a line for each of the things that are looked at."""
    wanted = inventory()
    facts = converged(wanted)
    found = stack_checks(wanted, facts, healthy(wanted))
    assert [check for check in found if not check.ok] == []
    assert {"share", "image", "clock", "memory", "disk", "worker", "versions of the workers"} <= {
        check.what for check in found
    }


@pytest.mark.parametrize(
    ("changes", "what", "advice"),
    [
        (
            {"files": {"data.csv": FILE | {"size": 199}}},
            "files",
            "data.csv has 199 bytes instead of 200",
        ),
        ({"files": {"data.csv": FILE | {"modified": 1}}}, "files", "another modification time"),
        (
            {"files": {"data.csv": FILE | {"digest": "x"}}},
            "files",
            "data.csv begins with other bytes",
        ),
        ({"files": {}}, "files", "data.csv is not there"),
        ({"files": {"data.csv": FILE, "b": FILE}}, "files", "b is there and not on the manager"),
        ({"time": 990.0}, "clock", "it is 10 s off"),
        ({"time": 1006.0}, "clock", "it is 5 s off"),
        ({"disk_free": GIBIBYTE}, "disk", "only 1,024 MiB are free"),
        ({"memory_available": GIBIBYTE // 8}, "memory", "only 128 MiB are free"),
        (
            {"ports": [{"host": MANAGER, "port": 2377, "error": "refused"}]},
            "ports",
            "10.0.0.10:2377 (refused)",
        ),
    ],
)
def test_what_one_node_sees_wrongly_is_one_line_that_names_it(changes, what, advice):
    """All other lines stay ok."""
    wanted = inventory()
    ((host, found, told),) = illnesses(
        wanted, converged(wanted), seeing(healthy(wanted), SECOND, **changes)
    )
    assert host == SECOND
    assert what in found
    assert advice in told


def test_another_image_is_told_with_both_ids():
    """And `up` is the remedy."""
    wanted = inventory()
    facts = change_node(converged(wanted), SECOND, image="sha256:bbbb")
    found = illnesses(wanted, facts, healthy(wanted))
    assert (SECOND, "image") in [(host, what) for host, what, _ in found]
    assert "it is bbbb, not aaaa; run `python -m cluster up`" in found[0][2]


def test_names_and_packets_that_get_lost_on_the_overlay_name_the_ports():
    """By the peer's host name, since nobody knows overlay addresses by heart."""
    wanted = inventory()
    seen = healthy(wanted)
    lost = "65536 bytes do not come back: timed out"
    talk = {"names": {"scheduler": [], "tasks.worker": ["x"]}, "peers": {"10.1.0.2": lost}}
    found = illnesses(wanted, converged(wanted), replace(seen, talks={"node1": talk}))
    assert found == [
        ("node1", "names on the stack's network", "scheduler not resolved; open 7946/tcp and udp"),
        (
            "node1",
            "small and large packets to the others",
            f"node2: {lost}; {OVERLAY_REMEDIES}",
        ),
    ]


def test_a_worker_that_is_not_connected_says_why():
    """The reason is the swarm's own."""
    wanted = inventory()
    facts = converged(wanted)
    tasks = tuple(
        replace(task, state="rejected", error="No such image") if task.hostname == "node2" else task
        for task in facts.swarm.tasks
    )
    dask = replace(facts.dask, workers=facts.dask.workers[:1])
    changed = replace(facts, swarm=replace(facts.swarm, tasks=tasks), dask=dask)
    ((host, what, advice),) = illnesses(wanted, changed, healthy(wanted))
    assert (host, what) == ("node2", "worker")
    assert "No such image" in advice


def test_a_stack_that_is_not_there_is_told():
    """Instead of a list of everything that follows from it."""
    wanted = inventory()
    facts = converged(wanted)
    changed = replace(facts, swarm=replace(facts.swarm, services={}), dask=None)
    assert illnesses(wanted, changed, healthy(wanted)) == [
        ("all", "stack", "it is not deployed; run `python -m cluster up`")
    ]


@pytest.mark.parametrize(("version", "ok"), [("19.03.1", False), ("20.10.24+dfsg1", True)])
def test_an_old_docker_is_told(version, ok):
    """20.10 is the oldest."""
    wanted = inventory()
    facts = change_node(converged(wanted), FIRST, version=version)
    found = illnesses(wanted, facts, healthy(wanted))
    assert (found == []) == ok


def test_every_node_must_reach_the_manager_and_the_others():
    """The swarm's management, the scheduler and the dashboard; gossip between all."""
    assert required_ports(inventory(), FIRST) == [
        (MANAGER, 2377),
        (MANAGER, 8786),
        (MANAGER, 8787),
        (MANAGER, 7946),
        (SECOND, 7946),
    ]
