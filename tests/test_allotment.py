"""What a worker takes of its node: by the settings of the stack, and by what the node has."""

from __future__ import annotations

import json

import pytest
from service.allotment import allot, choose_cpus, settings_of
from service.health import PORT, ports
from service.node import own_memory

GIB = 1 << 30
TABLE = json.dumps({"default": {"cpus": 2}, "nodes": {"large": {"processes": 3, "threads": 4}}})


def test_a_node_has_its_own_settings_or_the_default():
    """A node that is labelled by hand is in no table; without a table nothing is set."""
    assert settings_of("large", TABLE) == {"processes": 3, "threads": 4}
    assert settings_of("another", TABLE) == {"cpus": 2}
    assert settings_of("large", "") == {}


def test_without_settings_a_node_gives_its_cpus_and_three_quarters_of_its_memory():
    """One process, a thread for each CPU."""
    given = allot({}, cpus=4, memory=8 * GIB, most=64 * GIB)
    assert (given.memory, given.processes, given.threads) == (6 * GIB, 1, 4)
    assert given.resources_of(0) == {}
    assert (given.of_one, given.limit) == (6 * GIB, int(6 * GIB * 0.85))


def test_processes_share_cpus_and_memory():
    """Rounded so that no CPU is idle; threads that are set are of each process."""
    settings = {"memory": 3 * GIB, "processes": 2}
    given = allot(settings, cpus=5, memory=8 * GIB, most=64 * GIB)
    assert (given.of_one, given.limit, given.threads) == (GIB * 3 // 2, int(GIB * 1.5 * 0.85), 3)
    assert allot(settings | {"threads": 1}, 5, 8 * GIB, 64 * GIB).threads == 1
    assert allot({"processes": 4}, 1, 8 * GIB, 64 * GIB).threads == 1


@pytest.mark.parametrize(("memory", "most"), [(2 * GIB, 64 * GIB), (64 * GIB, 2 * GIB)])
def test_nothing_is_given_that_is_not_there(memory: int, most: int):
    """Neither what the node lacks nor what the container may not use."""
    assert allot({"memory": 4 * GIB}, 1, memory, most).memory == 2 * GIB


@pytest.mark.parametrize(
    ("amount", "shares"), [(1, [1, None]), (3, [2, 1]), (4, [2, 2]), (1.5, [1.5, None])]
)
def test_resources_are_dealt_out_to_the_processes(amount: float, shares: list[float | None]):
    """A node with one GPU offers it once, whole."""
    settings = {"processes": 2, "resources": {"GPU": amount}}
    given = allot(settings, 2, GIB, GIB)
    assert [given.resources_of(place).get("GPU") for place in range(2)] == shares


def test_so_many_cpus_are_chosen_as_are_set_and_there():
    """Never others than those available, and not the same ones for every cluster of a machine."""
    available = {0, 2, 3, 7}
    chosen = {frozenset(choose_cpus({"cpus": 2}, available, f"task{i}")) for i in range(40)}
    assert {len(each) for each in chosen} == {2}
    assert len(chosen) == len(available)
    assert frozenset.union(*chosen) == available
    assert choose_cpus({}, available, "task") == available
    assert choose_cpus({"cpus": 9}, available, "task") == available


def test_the_health_of_every_process_is_asked_for(monkeypatch: pytest.MonkeyPatch):
    """The scheduler's container has one, and no settings."""
    monkeypatch.delenv("WORKER_ALLOTMENTS", raising=False)
    monkeypatch.delenv("NODE", raising=False)
    assert list(ports()) == [PORT]
    monkeypatch.setenv("WORKER_ALLOTMENTS", TABLE)
    monkeypatch.setenv("NODE", "large")
    assert list(ports()) == [PORT, PORT + 1, PORT + 2]


def test_the_memory_of_a_process_is_what_it_does_not_share():
    """As /proc/self/statm has it, in pages: all, resident, shared and more."""
    four_pages = own_memory("100 7 3 1 0 50 0")
    assert four_pages == 4 * (own_memory("9 1 0") - own_memory("9 0 0"))
