"""The order of things: hosts, then stack, under one lock, and refusals before anything is done."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from cluster import lifecycle
from cluster.apply import Observer
from cluster.errors import ClusterError
from cluster.hosts.facts import Hosts
from cluster.inventory import Inventory, read_inventory
from cluster.lifecycle import Readers
from cluster.local import credentials, users
from cluster.local.credentials import AUTHORITY, CLIENT
from cluster.local.lock import only_one
from cluster.plan import Step
from tests.cluster import facts, machines
from tests.cluster.machines import MANAGER, WORKER

NEW = "10.0.0.12"


@dataclass
class Recorder:
    """Answers as hosts and a stack would, and notes who was asked."""

    hosts: Hosts | None = None
    was: Inventory | None = None
    asked: list[str] = field(default_factory=list)

    @property
    def readers(self) -> Readers:
        return Readers(self.read_hosts, self.read_stack, self.alone)

    @contextmanager
    def alone(self, inventory: Inventory) -> Iterator[None]:
        """Hold the lock of this machine; no swarm is asked for another."""
        with only_one(inventory.state_folder):
            yield

    def read_hosts(self, inventory: Inventory) -> Hosts:
        self.asked.append("hosts")
        return self.hosts or machines.all_converged(inventory)

    def read_stack(self, inventory: Inventory):
        self.asked.append("stack")
        return facts.converged(self.was or inventory)


def first_step() -> tuple[list[str], Observer]:
    """An observer that ends the work at its first step, and where it notes what that is."""
    steps: list[str] = []

    def note(step: Step) -> None:
        steps.append(step.what)
        raise ClusterError("enough")

    return steps, note


def nothing(step: Step) -> None:
    """Fail: no step is expected."""
    raise AssertionError(step)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "cluster.toml"
    path.write_text(
        f'state = "{tmp_path}/state"\n[manager]\naddress = "{MANAGER}"\n'
        f'[[workers]]\naddress = "{WORKER}"\n'
    )
    return path


def test_up_finishes_the_hosts_before_it_asks_the_stack(path):
    """Nothing is left to do on either, so nothing is done."""
    recorder = Recorder()
    outcome = lifecycle.up(read_inventory(path), nothing, recorder.readers)
    assert (outcome.steps, recorder.asked) == (0, ["hosts", "stack"])


def test_up_asks_nothing_of_docker_while_a_host_is_not_fit(path):
    """The hosts are named instead."""
    recorder = Recorder(Hosts({}, {MANAGER: "no route", WORKER: "no route"}))
    with pytest.raises(ClusterError, match=f"{MANAGER}: no route; then run up again"):
        lifecycle.up(read_inventory(path), nothing, recorder.readers)
    assert recorder.asked == ["hosts"]


def test_plan_shows_hosts_and_stack_together_and_needs_no_lock(path):
    """It changes nothing."""
    inventory = read_inventory(path)
    recorder = Recorder(machines.bare())
    with only_one(inventory.state_folder):
        plan = lifecycle.plan(inventory, recorder.readers)
    assert [stage.name for stage in plan.stages] == ["machines", "members"]
    assert recorder.asked == ["hosts", "stack"]


def test_machines_that_are_ready_are_never_asked(path):
    """Nor can they be taken down: that is refused before the stack is touched."""
    path.write_text(f'hosts = "ready"\n{path.read_text()}')
    inventory, recorder = read_inventory(path), Recorder()
    lifecycle.up(inventory, nothing, recorder.readers)
    assert recorder.asked == ["stack"]
    with pytest.raises(ClusterError, match='hosts = "ready"'):
        lifecycle.down(inventory, nothing, hosts=True, read=recorder.readers)
    assert recorder.asked == ["stack"]


def test_a_ready_worker_is_removed_from_the_inventory_and_then_dismissed(path):
    """Its machine is not asked: the labels on it in the swarm say what to do."""
    manager = f'hosts = "ready"\n{path.read_text()}'
    path.write_text(manager.replace(f'"{MANAGER}"', f'"{MANAGER}"\nlabels = {{ dask = "worker" }}'))
    recorder = Recorder(was=read_inventory(path))
    steps, note = first_step()
    with pytest.raises(ClusterError, match="enough"):
        lifecycle.remove(path, WORKER, note, recorder.readers)
    assert steps == ["remove its labels, its worker and the stack's volumes"]
    assert recorder.asked == ["stack"]
    assert read_inventory(path).workers == ()


def test_a_worker_is_in_the_inventory_before_it_is_brought_up(path):
    """So that `up` goes on with it after a failure."""
    recorder = Recorder(Hosts({}, {NEW: "no route"}))
    with pytest.raises(ClusterError, match=f"{NEW}: no route"):
        lifecycle.add(path, NEW, "ops", nothing, recorder.readers)
    assert [worker.address for worker in read_inventory(path).workers] == [WORKER, NEW]


def test_a_worker_is_removed_from_the_inventory_after_it_is_gone(path):
    """The manager no longer knows it here, and the worker does not answer."""
    gone = machines.all_converged(read_inventory(path)).reached[MANAGER]
    recorder = Recorder(Hosts({MANAGER: gone}, {WORKER: "no route"}))
    steps, note = first_step()
    with pytest.raises(ClusterError, match="enough"):
        lifecycle.remove(path, WORKER, note, recorder.readers)
    assert steps == [f"forget the node host-{WORKER}"]
    assert [worker.address for worker in read_inventory(path).workers] == [WORKER]


def test_an_unknown_worker_cannot_be_removed(path):
    """Neither hosts nor stack are asked."""
    recorder = Recorder()
    with pytest.raises(ClusterError, match=f"no worker has the address {NEW}"):
        lifecycle.remove(path, NEW, nothing, recorder.readers)
    assert recorder.asked == []


def test_a_second_command_changes_neither_the_cluster_nor_the_inventory(path):
    """It is refused by the lock of the first before it writes the file."""
    before, recorder = path.read_text(), Recorder()
    with (
        only_one(read_inventory(path).state_folder),
        pytest.raises(ClusterError, match="is changing this cluster"),
    ):
        lifecycle.add(path, NEW, None, nothing, recorder.readers)
    assert (path.read_text(), recorder.asked) == (before, [])


def test_revoking_writes_the_list_and_deploys_it(path, tmp_path):
    """All of it in one command; the plan of what is left is made by the facts."""
    inventory = read_inventory(path)
    credentials.make_authority(inventory.state_folder)
    users.invite(inventory, "ana", tmp_path / "ana.yaml")
    recorder = Recorder()
    lifecycle.revoke(inventory, "ana", nothing, recorder.readers)
    assert not users.list_users(inventory.state_folder)[0].admitted
    assert recorder.asked == ["hosts", "stack"]
    with pytest.raises(ClusterError, match="ana is not admitted"):
        lifecycle.revoke(inventory, "ana", nothing, recorder.readers)


@pytest.mark.parametrize("authority", [False, True])
def test_renewing_removes_what_is_to_be_made_again(path, authority):
    """A new authority is another owner, so the old one's claim goes first."""
    inventory = read_inventory(path)
    folder = inventory.state_folder
    credentials.make_authority(folder)
    credentials.issue(folder, CLIENT, ())
    steps, note = first_step()
    recorder = Recorder()
    if authority:
        with pytest.raises(ClusterError, match="enough"):
            lifecycle.renew(inventory, note, authority=True, read=recorder.readers)
        assert steps == ["forget who made this cluster"]
        assert credentials.inspect(folder).authority
    else:
        lifecycle.renew(inventory, note, read=recorder.readers)
        assert set(credentials.inspect(folder).certificates) == {AUTHORITY}


def test_what_was_never_made_is_not_renewed(path):
    """The remedy is `up`; nothing is asked."""
    recorder = Recorder()
    with pytest.raises(ClusterError, match="no certificate authority; run `python -m cluster up`"):
        lifecycle.renew(read_inventory(path), nothing, read=recorder.readers)
    assert recorder.asked == []


def test_a_cluster_that_computes_goes_down_with_consent_only(path):
    """The tasks of all clients count; of one that does not answer nobody knows any."""
    inventory = read_inventory(path)
    found = facts.converged(inventory)
    busy = tuple(replace(worker, executing=2) for worker in found.dask.workers)
    asked: list[int] = []

    def refuse(tasks: int) -> None:
        asked.append(tasks)
        raise ClusterError("no")

    changed = replace(found, dask=replace(found.dask, workers=busy))
    readers = replace(Recorder().readers, stack=lambda _: changed)
    with pytest.raises(ClusterError, match="no"):
        lifecycle.down(inventory, nothing, consent=refuse, read=readers)
    assert asked == [2 * len(busy)]
    readers = replace(readers, stack=lambda _: replace(facts.bare(inventory), dask=None))
    lifecycle.down(inventory, nothing, consent=refuse, read=readers)
    assert len(asked) == 1
