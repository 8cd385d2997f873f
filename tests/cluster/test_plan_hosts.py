"""Plans for bare hosts: from what machines say to what is left to do there."""

from dataclasses import replace

import pytest

from cluster.errors import ClusterError
from cluster.hosts import layout
from cluster.hosts.facts import Engine, Hosts
from cluster.hosts.firewall import firewall_rules
from cluster.hosts.planning import plan_hosts
from cluster.hosts.preflight import unfit_hosts
from cluster.inventory import Inventory, parse
from tests.cluster.machines import BARE, MANAGER, WORKER, all_converged, bare, told

OLD = Engine("19.03.8", "w", "inactive", "", manages=False, managers=frozenset())


def test_bare_machines_become_a_swarm_with_a_share(inventory: Inventory) -> None:
    """From nothing: packages, Docker for the account, exports, a swarm; then mounts and joins."""
    assert told(plan_hosts(inventory, bare())) == [
        (MANAGER, "install docker.io, nfs-common, nfs-kernel-server"),
        (MANAGER, "admit ops to Docker (group docker)"),
        (MANAGER, "make the folder /srv/dask-swarm/data"),
        (MANAGER, "make the folder /srv/dask-swarm/results"),
        (MANAGER, f"export the share to {MANAGER}, {WORKER}"),
        (MANAGER, "make a swarm"),
        (WORKER, "install docker.io, nfs-common"),
        (WORKER, "admit ops to Docker (group docker)"),
        (
            MANAGER,
            "mount the exported folders at /mnt/shared and /mnt/results, now and after every boot",
        ),
        (MANAGER, "verify the share at /mnt/shared and /mnt/results"),
        (WORKER, "mount the share at /mnt/shared and /mnt/results, now and after every boot"),
        (WORKER, "verify the share at /mnt/shared and /mnt/results"),
        (WORKER, "join the swarm"),
    ]


def test_nothing_is_left_when_all_is_done(inventory: Inventory) -> None:
    """A plan for converged machines is empty."""
    assert plan_hosts(inventory, all_converged(inventory)).steps == ()


def test_worker_that_left_joins_anew_and_its_old_membership_is_forgotten(
    inventory: Inventory,
) -> None:
    """The manager's list keeps a node that left as down: it is removed before the node rejoins."""
    hosts = all_converged(inventory)
    worker, manager = hosts.reached[WORKER], hosts.reached[MANAGER]
    assert worker.engine
    left = replace(worker, engine=replace(worker.engine, state="inactive", swarm_id=""))
    down = (manager.members[0], replace(manager.members[1], state="down"))
    seen = Hosts({MANAGER: replace(manager, members=down), WORKER: left}, {})
    assert told(plan_hosts(inventory, seen)) == [
        (WORKER, "forget its former membership"),
        (WORKER, "join the swarm"),
    ]


def test_existing_swarm_is_used(inventory: Inventory) -> None:
    """A manager that has a swarm keeps it, and the worker joins that."""
    hosts = all_converged(inventory)
    manager = hosts.reached[MANAGER]
    alone = replace(manager, members=manager.members[:1])
    worker = replace(hosts.reached[WORKER], engine=None)
    seen = Hosts({MANAGER: alone, WORKER: worker}, {})
    assert told(plan_hosts(inventory, seen)) == [(WORKER, "join the swarm")]


def test_member_of_another_swarm_is_refused(inventory: Inventory) -> None:
    """No machine is ever taken out of a swarm that is not this one."""
    hosts = all_converged(inventory)
    worker = hosts.reached[WORKER]
    assert worker.engine
    other = replace(worker.engine, swarm_id="elsewhere", managers=frozenset({"10.9.9.9:2377"}))
    seen = Hosts({**hosts.reached, WORKER: replace(worker, engine=other)}, {})
    with pytest.raises(ClusterError, match=f"^{WORKER}: is in another swarm; take it out"):
        plan_hosts(inventory, seen)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"free": 2**29}, f"{WORKER}: 0.5 GiB are free under /var/lib; free at least 2 GiB"),
        ({"clock": -60.0}, f"{WORKER}: its clock is -60 s off this machine's; synchronise"),
        ({"ports": {7946: "nginx"}}, f"{WORKER}: port 7946, needed for the swarm's gossip, is"),
        ({"system": "fedora", "version": "42"}, f"{WORKER}: runs fedora 42; use Debian 12"),
        ({"version": "11"}, f"{WORKER}: runs debian 11; use Debian 12"),
        (
            {"engine": OLD},
            f"{WORKER}: Docker 19.03.8 is too old; upgrade it to 20.10",
        ),
        (
            {"mounts": {"/mnt/shared": "10.0.0.5:/export"}},
            f"{WORKER}: /mnt/shared is a mount of 10.0.0.5:/export already; unmount it",
        ),
    ],
)
def test_unfit_host_is_named_with_cause_and_remedy(
    inventory: Inventory, change: dict[str, object], line: str
) -> None:
    """One line names host, cause and remedy, before anything is done anywhere."""
    with pytest.raises(ClusterError) as caught:
        plan_hosts(inventory, bare(**{WORKER: replace(BARE, **change)}))
    (only,) = str(caught.value).splitlines()
    assert only.startswith(line)


def test_unreachable_hosts_are_all_named(inventory: Inventory) -> None:
    """Every host that cannot be reached has its own line."""
    seen = Hosts({}, {MANAGER: "no route", WORKER: "no sudo without a password"})
    assert [unfit.host for unfit in unfit_hosts(inventory, seen)] == [MANAGER, WORKER]


def test_swarms_own_ports_are_not_in_the_way(inventory: Inventory) -> None:
    """Ports that Docker itself listens on are as they should be."""
    hosts = all_converged(inventory)
    own = replace(hosts.reached[MANAGER], ports={2377: "dockerd", 8786: "docker-proxy"})
    assert unfit_hosts(inventory, Hosts({**hosts.reached, MANAGER: own}, {})) == []


def test_firewall_is_opened_only_where_one_is_active(inventory: Inventory) -> None:
    """The server lets NFS in from the clients, each node the swarm from the others."""
    wanted = set(firewall_rules(inventory, inventory.manager))
    assert f"ufw allow from {WORKER} to any port 2049 proto tcp" in wanted
    assert all(f"from {WORKER}" in rule for rule in wanted)
    active = replace(BARE, firewall=frozenset({"active", *sorted(wanted)[1:]}))
    opened = [
        what
        for host, what in told(plan_hosts(inventory, bare(**{MANAGER: active})))
        if "let" in what
    ]
    assert opened == [f"let the other nodes in: {min(wanted)}"]


def test_exports_name_the_nodes_and_squash_root(inventory: Inventory) -> None:
    """Data are exported for reading, results for writing, to the nodes and nobody else."""
    options = "sync,root_squash,no_subtree_check"
    assert layout.exports(inventory) == (
        f"/srv/dask-swarm/data {MANAGER}(ro,{options}) {WORKER}(ro,{options})\n"
        f"/srv/dask-swarm/results {MANAGER}(rw,{options}) {WORKER}(rw,{options})\n"
    )


def test_server_outside_the_cluster_is_only_mounted() -> None:
    """An NFS server that is no node is left as it is: every node is its client."""
    outside = parse(
        {
            "manager": {"address": MANAGER},
            "workers": [{"address": WORKER}],
            "share": {"server": "10.0.0.5"},
        }
    )
    steps = told(plan_hosts(outside, bare()))
    assert not [what for _, what in steps if "export" in what]
    assert [host for host, what in steps if what.startswith("mount the share")] == [MANAGER, WORKER]


@pytest.mark.parametrize(
    ("path", "unit"),
    [
        ("/mnt/shared", "mnt-shared.mount"),
        ("/mnt/my-data", r"mnt-my\x2ddata.mount"),
        ("/srv/año", r"srv-a\xc3\xb1o.mount"),
    ],
)
def test_units_are_called_as_systemd_demands(path: str, unit: str) -> None:
    """The name of a mount unit is its path, escaped as systemd-escape does."""
    assert layout.unit_name(path, "mount") == unit
