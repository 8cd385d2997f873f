"""Doing a plan: stage by stage, and planning again until nothing is left."""

from collections.abc import Callable, Iterable
from functools import partial

from cluster.errors import ClusterError
from cluster.plan import Plan, Stage, Step
from cluster.side_by_side import side_by_side

MOST_PLANS = 20

Observer = Callable[[Step], object]


def converge(make_plan: Callable[[], Plan], before: Observer) -> int:
    """Apply fresh plans until one is empty; return the number of steps done.

    `before` is called with each step before it is done, from one thread for each host. Raises
    ClusterError when a step fails or when the plan is not empty after MOST_PLANS plans.
    """
    done = 0
    for _ in range(MOST_PLANS):
        plan = make_plan()
        if not plan.stages:
            return done
        done += apply(plan, before)
    raise ClusterError(
        f"the cluster does not settle: after {MOST_PLANS} plans this is still left to do: "
        f"{_listed(plan.steps)}"
    )


def apply(plan: Plan, before: Observer) -> int:
    """Do the stages of a plan up to the first that waits for what they create; count the steps.

    Hosts work side by side within a stage, the steps of one host in order. A step that fails ends
    the work on its host only, and the stage is the last; all failures are raised as one.
    """
    done = 0
    for stage in plan.stages:
        if any(step.action is None for step in stage.steps):
            break
        _apply_stage(stage, before)
        done += len(stage.steps)
    if not done:
        raise ClusterError(
            f"these steps wait for something that no step makes: {_listed(plan.steps)}"
        )
    return done


def _apply_stage(stage: Stage, before: Observer) -> None:
    hosts = stage.by_host().values()
    works = side_by_side(partial(_apply_in_order, steps, before) for steps in hosts)
    failures = [error for work in works if (error := work.exception())]
    for error in failures:
        if not isinstance(error, ClusterError):
            raise error
    if failures:
        raise ClusterError("\n".join(map(str, failures)))


def _apply_in_order(steps: list[Step], before: Observer) -> None:
    for step in steps:
        if step.action:
            before(step)
            step.action.apply()


def _listed(steps: Iterable[Step]) -> str:
    return "; ".join(map(str, steps))
