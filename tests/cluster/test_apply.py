"""Applying: until nothing is left, in order, hosts apart, and never for ever."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from cluster.apply import MOST_PLANS, apply, converge
from cluster.errors import ClusterError
from cluster.plan import Plan, Stage, Step


@dataclass(frozen=True)
class Call:
    """An action that calls a function."""

    function: Callable[[], object]

    def apply(self) -> None:
        self.function()


def plan_of(*stages: list[Step]) -> Plan:
    return Plan(tuple(Stage(str(i), tuple(steps)) for i, steps in enumerate(stages)))


def step(host: str, function: Callable[[], object] | None) -> Step:
    return Step(host, "do it", "because", Call(function) if function else None)


def ignore(_: Step) -> None:
    """Observe nothing."""


def test_a_plan_is_applied_up_to_what_is_not_decided_yet_and_made_anew():
    """The second plan knows what the first one made."""
    done = []
    first = plan_of([step("a", lambda: done.append(1))], [step("a", None)])
    second = plan_of([step("a", lambda: done.append(2))])
    plans = iter([first, second, plan_of()])
    assert converge(lambda: next(plans), ignore) == 2
    assert done == [1, 2]


def test_each_step_is_shown_before_it_is_done():
    """Even the one that fails."""
    shown = []

    def fail() -> None:
        raise ClusterError("a: broken")

    with pytest.raises(ClusterError):
        apply(plan_of([step("a", fail)]), shown.append)
    assert [seen.host for seen in shown] == ["a"]


def test_hosts_work_side_by_side():
    """Two hosts that wait for each other both come to an end."""
    meeting = threading.Barrier(2, timeout=10)
    assert apply(plan_of([step("a", meeting.wait), step("b", meeting.wait)]), ignore) == 2


def test_a_failure_ends_its_host_and_the_plan_but_not_the_other_hosts():
    """All failures are told together; later stages are not begun."""
    done = []

    def fail() -> None:
        raise ClusterError("a: broken")

    stage = [
        step("a", fail),
        step("a", lambda: done.append("a")),
        step("b", lambda: done.append("b")),
    ]
    with pytest.raises(ClusterError, match=r"^a: broken$"):
        apply(plan_of(stage, [step("c", lambda: done.append("c"))]), ignore)
    assert done == ["b"]


def test_an_error_of_this_program_is_not_hidden():
    """Only ClusterError is a sentence for the user."""

    def stumble() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        apply(plan_of([step("a", stumble)]), ignore)


def test_a_plan_that_never_ends_is_given_up_and_told():
    """A bounded number of rounds."""
    rounds = []
    endless = plan_of([step("a", lambda: rounds.append(1))])
    with pytest.raises(ClusterError, match=r"does not settle.*a: do it \(because\)"):
        converge(lambda: endless, ignore)
    assert len(rounds) == MOST_PLANS


def test_a_plan_that_waits_for_nothing_that_can_be_done_is_refused():
    """Instead of looping."""
    with pytest.raises(ClusterError, match="wait for something that no step makes: a: do it"):
        apply(plan_of([step("a", None)]), ignore)
