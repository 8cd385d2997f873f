"""The graph of a run: every lane merges all partitions in file order, a few at a time."""

from __future__ import annotations

import pytest
from dask import get

from pipeline.engine.graph import FAN_IN, Steps, build, by_threads
from pipeline.formats.partition import cut as split


def joined(*parts):
    return sum(parts, ())


@pytest.mark.parametrize("lanes", [1, 5])
@pytest.mark.parametrize("partitions", [1, 2, 8, 9, 100, 1000])
def test_every_lane_ends_in_all_partitions_in_order(partitions, lanes):
    """Nothing is lost, doubled or swapped, and no merge takes in more than it may."""
    steps = Steps(
        read=lambda part: (part,),
        split=lambda *parts: [joined(*parts)] * lanes,
        merge=joined,
    )
    parts = split(0, 10_000, partitions)
    graph = build(parts, steps, lanes, ["a", "b"], "token")
    assert get(graph.tasks, graph.roots) == (tuple(parts),) * lanes
    assert max(len(task) for task in graph.tasks.values()) <= 1 + FAN_IN


def test_ranges_are_spread_over_the_workers():
    """The rows merge anywhere; each range has one worker for all its merges."""
    steps = Steps(read=joined, split=joined, merge=joined)
    graph = build(split(0, 10_000, 100), steps, 4, ["a", "b"], "token")
    homes = [graph.homes.get(root) for root in graph.roots]
    assert homes == [None, ["a"], ["b"], ["a"]]
    assert not build(split(0, 9, 9), steps, 1, [], "token").homes


def test_workers_have_ranges_as_they_have_threads():
    """All alike are each there as often; whoever has twice the threads has twice the ranges."""
    assert by_threads({"a": 2, "b": 2}) == ["a", "b", "a", "b"]
    assert by_threads({"a": 1, "b": 3, "c": 2}) == ["a", "b", "c", "b", "c", "b"]
    assert by_threads({}) == []
