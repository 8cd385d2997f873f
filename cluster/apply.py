"""Doing a plan: stage by stage, and planning again after each, until nothing is left."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from cluster.errors import ClusterError
from cluster.step import Plan, Stage, Step

ROUNDS = 30

Observer = Callable[[Step], None]


def converge(make_plan: Callable[[], Plan], before: Observer) -> int:
    """Apply the first stage of a fresh plan until the plan is empty; return the steps done.

    `before` is called with each step before it is done. Raises ClusterError when a step fails or
    when the plan is not empty after a bounded number of rounds.
    """
    done = 0
    for _ in range(ROUNDS):
        plan = make_plan()
        if not plan.stages:
            return done
        apply(plan.stages[0], before)
        done += len(plan.stages[0].steps)
    left = "; ".join(f"{step.host}: {step.what} ({step.why})" for step in make_plan().steps)
    raise ClusterError(f"the cluster does not settle: after {ROUNDS} rounds this is left: {left}")


def apply(stage: Stage, before: Observer) -> None:
    """Do the steps of one stage, hosts side by side, the steps of one host in order.

    A step that fails ends the work on its host only; all failures are raised as one ClusterError.
    """
    hosts = stage.by_host()
    with ThreadPoolExecutor(len(hosts)) as pool:
        works = [pool.submit(_apply_in_order, steps, before) for steps in hosts.values()]
    failures = [error for work in works if (error := work.exception())]
    for error in failures:
        if not isinstance(error, ClusterError):
            raise error
    if failures:
        raise ClusterError("\n".join(map(str, failures)))


def _apply_in_order(steps: list[Step], before: Observer) -> None:
    for step in steps:
        before(step)
        if step.action is None:
            raise ClusterError(f"{step.host}: {step.what}: nothing before this made it possible")
        step.action.apply()
