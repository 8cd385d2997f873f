"""The doctor on machines: each trouble is one line with its remedy, and the others are ok."""

from dataclasses import replace

from cluster.doctor.host_checks import host_checks
from cluster.hosts.facts import Hosts
from cluster.inventory import Inventory
from tests.cluster.machines import MANAGER, WORKER, all_converged


def lines(inventory: Inventory, hosts: Hosts) -> list[tuple[str, str, str]]:
    return [(c.host, c.what, c.advice) for c in host_checks(inventory, hosts) if not c.ok]


def test_machines_as_up_leaves_them_are_a_line_each(inventory: Inventory) -> None:
    """And every line is ok."""
    found = host_checks(inventory, all_converged(inventory))
    assert [(check.host, check.ok) for check in found] == [(MANAGER, True), (WORKER, True)]


def test_a_machine_that_is_not_reached_says_why_and_what_to_check(inventory: Inventory) -> None:
    """The reason of SSH, and nothing about steps that wait for it."""
    reached = {MANAGER: all_converged(inventory).reached[MANAGER]}
    why = "cannot be reached over SSH: timed out; check that `ssh ops@w` works"
    assert lines(inventory, Hosts(reached, {WORKER: why})) == [(WORKER, "SSH and sudo", why)]


def test_a_machine_that_is_not_fit_is_told_with_the_remedy(inventory: Inventory) -> None:
    """As `up` would refuse it."""
    hosts = all_converged(inventory)
    full = {**hosts.reached, WORKER: replace(hosts.reached[WORKER], free=2**29)}
    ((host, what, advice),) = lines(inventory, Hosts(full, {}))
    assert (host, what) == (WORKER, "0.5 GiB are free under /var/lib")
    assert advice == "free at least 2 GiB there for Docker's images"


def test_what_up_would_still_do_is_told(inventory: Inventory) -> None:
    """A unit that does not run, say."""
    hosts = all_converged(inventory)
    stopped = replace(hosts.reached[WORKER], running=frozenset())
    found = lines(inventory, Hosts({**hosts.reached, WORKER: stopped}, {}))
    assert {host for host, _, _ in found} == {WORKER}
    assert all(advice.endswith("; run `python -m cluster up`") for _, _, advice in found)
