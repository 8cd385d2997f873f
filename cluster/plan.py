"""What a plan is made of: stages of steps, each step an action on one host and its reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, Self

HERE = "here"


class Action(Protocol):
    """An effect, described by values only, so that plans can be compared and shown.

    Secrets are named by the file that holds them, never carried.
    """

    def apply(self) -> None:
        """Do it; raise ClusterError if it cannot be done. Doing it twice does no harm."""


@dataclass(frozen=True)
class Step:
    """One change.

    `host` is the address of the machine that is changed, or HERE; `what` is done and `why` are
    shown to the user. `action` is None while it depends on what an earlier stage finds out or
    creates: the step is shown in the plan, and planned again once that stage is done.
    """

    host: str
    what: str
    why: str
    action: Action | None = None

    def __str__(self) -> str:
        """Return the one line that says where, what and why."""
        return f"{self.host}: {self.what} ({self.why})"


@dataclass(frozen=True)
class Stage:
    """Steps that do not depend on each other, except that those of one host keep their order."""

    name: str
    steps: tuple[Step, ...]

    @classmethod
    def of(cls, name: str, steps: Iterable[Step]) -> Self:
        """Make a stage of any iterable of steps."""
        return cls(name, tuple(steps))

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

    @classmethod
    def of(cls, *stages: Stage) -> Self:
        """Make a plan of those stages that have steps."""
        return cls(tuple(stage for stage in stages if stage.steps))

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, in order."""
        return tuple(step for stage in self.stages for step in stage.steps)
