"""The one graph of a run: leaves that read and summarise, and ordered merges, as plain values.

The first merges divide what they make into lanes: the rows, and each range of values. Each lane has
a tree of its own. Keys say on the dashboard what a task does: `summarise`, `split`, `merge`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle
from operator import getitem
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pipeline.formats.partition import Partition

FAN_IN = 8
"""Neighbours that one merge takes in: all that it reads is in memory at once.

Half of them between the first merges and the last, where what is read is larger.
"""

Key = tuple[str, int]
Tasks = dict[Key, tuple[Any, ...]]


@dataclass(frozen=True)
class Steps:
    """What the tasks of a graph do.

    read: a partition to segments.
    split: neighbours' segments to one list of segments for each lane.
    merge: neighbours' segments of one lane to segments.
    """

    read: Callable[[Partition], Any]
    split: Callable[..., Any]
    merge: Callable[..., Any]


@dataclass(frozen=True)
class Graph:
    """Tasks by their keys; `roots` are the keys of the lanes' last merges, in order.

    `homes` has the workers on which a task should run, where it matters. `picks` are tasks that
    take one part out of several: what they take it from is in memory until the last of them is
    done, so they should not wait.
    """

    tasks: Tasks
    roots: list[Key]
    homes: dict[Key, list[str]]
    picks: set[Key]


def build(
    partitions: Sequence[Partition], steps: Steps, lanes: int, workers: Sequence[str], token: str
) -> Graph:
    """Return the graph over some partitions; `token` makes its keys differ from other runs'.

    The lanes of ranges are spread over the `workers`, which may stand there several times. Left
    alone, Dask would merge them all where the first ones happen to be.
    """
    leaves: Tasks = {
        (f"summarise-{token}", i): (steps.read, part) for i, part in enumerate(partitions)
    }
    splits = _level(list(leaves), steps.split, f"split-{token}", FAN_IN)
    tasks = leaves | splits
    roots: list[Key] = []
    all_picks: set[Key] = set()
    homes: dict[Key, list[str]] = {}
    spread = cycle([[worker] for worker in workers] or [[]])
    for lane in range(lanes):
        picks: Tasks = {
            (f"lane-{lane}-{token}", i): (getitem, key, lane) for i, key in enumerate(splits)
        }
        merges, root = _tree(list(picks), steps.merge, f"{lane}-{token}")
        tasks |= picks | merges
        all_picks |= picks.keys()
        roots.append(root)
        if lane:
            homes |= dict.fromkeys(merges, next(spread))
    return Graph(tasks, roots, homes, all_picks)


def by_threads(threads: Mapping[str, int]) -> list[str]:
    """Return each worker as often as it has `threads`, all once before any comes again.

    Workers need not be alike: one with twice the threads is to have twice the work.
    """
    rounds = range(max(threads.values(), default=0))
    return [worker for i in rounds for worker, count in threads.items() if i < count]


def _tree(keys: list[Key], merge: Callable[..., Any], token: str) -> tuple[Tasks, Key]:
    """Return levels of merges until one is left, and its key."""
    tasks: Tasks = {}
    while len(keys) > 1:
        fan_in = FAN_IN if len(keys) <= FAN_IN else FAN_IN // 2
        merges = _level(keys, merge, f"merge-{len(keys)}-{token}", fan_in)
        tasks |= merges
        keys = list(merges)
    return tasks, keys[0]


def _level(keys: list[Key], merge: Callable[..., Any], name: str, fan_in: int) -> Tasks:
    """Return merges of `fan_in` neighbours each."""
    groups = (keys[i : i + fan_in] for i in range(0, len(keys), fan_in))
    return {(name, i): (merge, *group) for i, group in enumerate(groups)}
