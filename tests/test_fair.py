"""Clients that compute at the same time take turns: a small graph does not wait for a large one."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Event
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from dask import annotate
from distributed import Client, wait
from service.fair import ADVANTAGE, EARLY, FairShare

from tests.clusters import local
from tests.pace import limit, until

if TYPE_CHECKING:
    from collections.abc import Iterator

done: list[str] = []
reached, opened = Event(), Event()


def note(name: str, number: int, stop: int) -> None:
    """Do a task; that with the number `stop` waits."""
    if number == stop:
        reached.set()
        assert opened.wait(limit())
    done.append(name)


def submit(plugin: FairShare, client: str, count: int, level: int = 0) -> list[SimpleNamespace]:
    """Let a client submit a graph of `count` tasks; they have turns then."""
    graph = len(plugin._tasks)
    keys = [(client, graph, i) for i in range(count)]
    states = {key: SimpleNamespace(key=key, priority=(level, graph, key[2])) for key in keys}
    plugin.update_graph(SimpleNamespace(tasks=states), client=client, tasks=keys[::-1])
    return list(states.values())


def finish(plugin: FairShare, tasks: list[SimpleNamespace], how: str = "memory") -> None:
    """Let tasks end."""
    for task in tasks:
        plugin.transition(task.key, "processing", how)


def turns(tasks: list[SimpleNamespace]) -> list[float]:
    """Return the turns of tasks."""
    return [task.priority[1] for task in tasks]


def test_a_graph_keeps_its_order():
    """Turns rise with Dask's own order; early ones lie close together."""
    tasks = submit(FairShare(), "a", EARLY + 2)
    assert sorted(tasks, key=lambda task: task.priority) == tasks
    assert turns(tasks)[:2] == [0, 1 / ADVANTAGE]
    assert turns(tasks)[-2:] == [EARLY / ADVANTAGE, EARLY / ADVANTAGE + 1]


def test_who_comes_later_begins_where_the_others_are():
    """Neither behind what they have submitted, nor before what they have got."""
    plugin = FairShare()
    first = submit(plugin, "a", 1000)
    finish(plugin, first[:600])
    assert turns(submit(plugin, "b", 1)) == [first[600].priority[1]]


def test_it_counts_how_much_is_done_and_not_what():
    """Dask sends the first tasks to idle workers as they come, be they the last ones of a graph."""
    plugin = FairShare()
    first = submit(plugin, "a", 1000)
    finish(plugin, first[-20:])
    assert turns(submit(plugin, "b", 1)) == [first[20].priority[1]]


def test_what_was_not_asked_for_in_time_is_not_made_up_for():
    """One task that takes long does not keep a client's first turn for it."""
    plugin = FairShare()
    slow, others = submit(plugin, "slow", 1), submit(plugin, "b", 1000)
    finish(plugin, others[:600])
    now = others[600].priority[1]
    assert turns(submit(plugin, "slow", 1)) == [now]
    finish(plugin, slow)
    assert turns(submit(plugin, "c", 1)) == [now]


def test_many_small_graphs_leave_a_large_one_its_share():
    """However many come one after the other, of nine tasks one is that of the large graph."""
    plugin = FairShare()
    large = submit(plugin, "large", EARLY + 1000)
    finish(plugin, large[:EARLY])
    queue = large[EARLY:]
    small = []
    for i in range(100):
        tasks = submit(plugin, f"small {i}", ADVANTAGE * 2)
        finish(plugin, tasks)
        small += tasks
    before = [task for task in queue if task.priority < small[-1].priority]
    assert len(before) * (ADVANTAGE + 1) >= len(small)


def test_who_owes_nothing_begins_anew():
    """What was cancelled is not held against a client, and nothing is kept of it."""
    plugin = FairShare()
    other = submit(plugin, "b", 5)
    finish(plugin, submit(plugin, "a", 1000), "forgotten")
    assert turns(submit(plugin, "a", 1)) == [0]
    finish(plugin, other)
    plugin.restart(None)
    assert not plugin._shares
    assert not plugin._tasks


def test_who_goes_on_asking_goes_on_from_its_last_turn():
    """Graph by graph it gets no more than by one graph; a turn that is given stays."""
    plugin = FairShare()
    one = submit(plugin, "a", 10)
    more = submit(plugin, "a", 10)
    assert turns(more)[0] > turns(one)[-1]
    given = turns(one)
    plugin.update_graph(
        SimpleNamespace(tasks={task.key: task for task in one}),
        client="a",
        tasks=[task.key for task in one],
    )
    assert turns(one) == given


def test_a_higher_priority_comes_first():
    """And what it has got does not move the turns of the others."""
    plugin = FairShare()
    low = submit(plugin, "a", 10)
    high = submit(plugin, "b", 500, level=-1)
    finish(plugin, high)
    assert max(task.priority for task in high) < min(task.priority for task in low)
    assert turns(submit(plugin, "c", 1)) == [0]


@contextmanager
def beside(priority: int = 0) -> Iterator[list[str]]:
    """What was done, in order, after 300 of 1,000 tasks, when another client submits 16."""
    done.clear()
    reached.clear()
    opened.clear()
    with local(1) as first, Client(first.cluster, set_as_default=False) as second:
        scheduler = first.cluster.scheduler
        scheduler.add_plugin(FairShare())
        heavy = first.map(note, ["heavy"] * 1000, range(1000), [300] * 1000, pure=False)
        assert reached.wait(limit())
        with annotate(priority=priority):
            light = second.map(note, ["light"] * 16, range(16), [-1] * 16, pure=False)
        until(lambda: all(one.key in scheduler.tasks for one in light), "the light tasks")
        before = len(done)
        opened.set()
        wait([*heavy, *light], timeout=limit())
        yield done[before:]


def test_a_light_graph_is_done_long_before_a_heavy_one():
    """On a scheduler with one worker; without fair shares it comes last."""
    with beside() as order:
        last = len(order) - order[::-1].index("light")
        assert order.count("light") == 16
        assert order[:last].count("heavy") <= 16 / ADVANTAGE + 3  # those that the worker has begun


@pytest.mark.parametrize(("priority", "first"), [(1, "light"), (-1, "heavy")])
def test_the_priority_of_a_user_decides(priority: int, first: str):
    """Whatever the turns are."""
    with beside(priority) as order:
        assert set(order[3:18]) == {first}
