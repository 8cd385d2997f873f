"""Which task is too large for its workers: what is known of lost workers, and what follows from it.

A worker is lost for many reasons, most of them not its task's fault: its node is rebooted, cut off
or drained, somebody kills it. A loss is for want of memory if one of these says so:

- Dask's nanny, which tells that it ends a worker above its limit;
- the kernel of the node, which counts the processes that it kills for want of memory: the count
  when a worker comes to that node is higher than when the last one was heard of;
- the worker itself: at its last sign it had nearly as much memory as it may have.

Two such losses with the same task at work are enough to blame it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dask.utils import format_bytes

NEARLY = 0.8
"""The part of its limit from which on a worker has nearly all: there Dask pauses it."""

ENOUGH = 2
"""So many workers lost to a task alone at work are enough to blame it."""

ENOUGH_IN_COMPANY = 4
"""So many are enough where others were at work each time, too, and nothing sets it apart."""

Key = Any  # whatever names a task: a text, or a tuple with one


@dataclass(frozen=True)
class Loss:
    """A worker that went without taking its leave.

    worker: its address.
    node: the name of its machine.
    used: the bytes of memory that it had when it was last heard of.
    limit: how many it may have; 0 where there is no limit.
    kills: how many processes the node's kernel had killed by then; None where that is not known.
    suspects: the tasks that were at work.
    """

    worker: str
    node: str
    used: int
    limit: int
    kills: int | None
    suspects: tuple[Key, ...]

    @property
    def nearly_full(self) -> bool:
        """Whether it had nearly as much memory as it may have."""
        return bool(self.limit) and self.used >= NEARLY * self.limit

    def killed_by(self, kills: int | None) -> bool:
        """Return whether the kernel has killed since: its count is `kills` now, if that is known.

        A node that was rebooted counts from 0 again.
        """
        return self.kills is not None and kills is not None and kills > self.kills

    def __str__(self) -> str:
        """Return where it was and what it had, in words."""
        limit = format_bytes(self.limit) if self.limit else "none"
        return f"on {self.node} (last seen with {format_bytes(self.used)}, limit {limit})"


def at_work(executing: Collection[Key], ahead: Sequence[Key], threads: int) -> tuple[Key, ...]:
    """Return the tasks that a worker with so many `threads` was probably busy with at its end.

    Those that it told of as `executing`, if it still had to do them; else the first of those that
    it had `ahead`, in the order in which it takes them.
    """
    known = tuple(key for key in ahead if key in executing)
    return known or tuple(ahead[:threads])


def blamed(losses: Mapping[Key, Sequence[Loss]], suspects: Collection[Key]) -> list[Key]:
    """Return those of the `suspects` of one more loss that are to blame.

    `losses` has what each task has cost so far, for want of memory.
    """
    most = max((len(losses[key]) for key in suspects), default=0)
    worst = [key for key in suspects if len(losses[key]) == most]
    enough = ENOUGH if len(worst) == 1 else ENOUGH_IN_COMPANY
    return worst if most >= enough else []


def sentence(key: Key, losses: Sequence[Loss]) -> str:
    """Return what a task has done, for a user: task, nodes, memory and limits."""
    *others, last = map(str, losses)
    where = f"{', '.join(others)} and {last}"
    return (
        f"task {key} needs more memory than a worker has: "
        f"it has ended {len(losses)} workers, {where}"
    )
