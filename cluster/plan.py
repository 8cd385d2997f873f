"""What a plan is made of: stages of steps, each step an action on one host and its reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

HERE = "here"


class Action(Protocol):
    """An effect, described by values only, so that plans can be compared and shown.

    Secrets are named by the file that holds them, never carried.
    """

    def apply(self) -> None:
        """Do it; raise ClusterError if it cannot be done. Doing it twice does no harm."""


@dataclass(frozen=True)
class Step:
    """One change: where, what, why, and the action that makes it.

    `action` is None while it depends on what an earlier stage finds out or creates: the step is
    shown in the plan, and planned again once that stage is done.
    """

    host: str
    what: str
    why: str
    action: Action | None = None


@dataclass(frozen=True)
class Stage:
    """Steps that need nothing of each other, except that those of one host keep their order."""

    name: str
    steps: tuple[Step, ...]

    def by_host(self) -> dict[str, list[Step]]:
        """Group the steps by host, in order."""
        hosts: dict[str, list[Step]] = {}
        for step in self.steps:
            hosts.setdefault(step.host, []).append(step)
        return hosts


@dataclass(frozen=True)
class Plan:
    """The stages that have something to do, in the order in which they must be done."""

    stages: tuple[Stage, ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, in order."""
        return tuple(step for stage in self.stages for step in stage.steps)


def stage(name: str, steps: Iterable[Step]) -> Stage:
    """Make a stage of any iterable of steps."""
    return Stage(name, tuple(steps))
