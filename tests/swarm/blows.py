"""What chaos does to a swarm: each blow a name, a function that strikes, and what may follow.

A function returns when the blow has been struck. What it leaves broken on purpose `mended` repairs
after the run; all else must heal by itself.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from random import Random

from tests.pace import until
from tests.swarm.lab import Node
from tests.swarm.runs import signal
from tests.swarm.stack import Stack

SHORT, LONG = 4.0, 45.0
"""Seconds without the manager: less, and more, than what a run and its workers wait for it."""


@dataclass(frozen=True)
class Blow:
    """`strike` takes the stack and the chance that chooses nodes and times.

    With `fatal` a run may end in an error, because nothing else can be computed; otherwise it must
    end with the right bytes. With `ends_gate` the scheduler, where the gate is, does not survive.
    """

    name: str
    strike: Callable[[Stack, Random], None]
    fatal: bool = False
    ends_gate: bool = False


def _kill(count: int) -> Callable[[Stack, Random], None]:
    def strike(stack: Stack, chance: Random) -> None:
        for node in chance.sample(stack.lab.nodes, count):
            signal(stack, "KILL", "worker", node)

    return strike


def _freeze(stack: Stack, chance: Random) -> None:
    signal(stack, "STOP", "worker", chance.choice(stack.lab.nodes))


def _cut(stack: Stack, chance: Random) -> None:
    _worker(stack, chance).cut()


def _cut_manager(stack: Stack, chance: Random) -> None:
    stack.lab.manager.cut()
    time.sleep(chance.uniform(SHORT, LONG))
    stack.lab.manager.mend()


def _drain(stack: Stack, chance: Random) -> None:
    _availability(stack, "drain", _worker(stack, chance))


def _unlabel(stack: Stack, chance: Random) -> None:
    stack.unlabel(_worker(stack, chance))


def _reboot(stack: Stack, chance: Random) -> None:
    _worker(stack, chance).reboot()


def _reboot_manager(stack: Stack, _: Random) -> None:
    stack.lab.manager.reboot()


def _kill_scheduler(stack: Stack, _: Random) -> None:
    signal(stack, "KILL", "scheduler", stack.lab.manager)


def _worker(stack: Stack, chance: Random) -> Node:
    return chance.choice(stack.lab.nodes[1:])


def _availability(stack: Stack, state: str, node: Node) -> None:
    stack.lab.manager.docker("node", "update", "--availability", state, node.name)


BLOWS = (
    Blow("kill one worker", _kill(1)),
    Blow("kill two workers", _kill(2)),
    Blow("kill all workers", _kill(3)),
    Blow("freeze a worker", _freeze),
    Blow("cut a node", _cut),
    Blow("cut the manager", _cut_manager, fatal=True),
    Blow("drain a node", _drain),
    Blow("unlabel a node", _unlabel),
    Blow("reboot a node", _reboot),
    Blow("reboot the manager", _reboot_manager, fatal=True, ends_gate=True),
    Blow("kill the scheduler", _kill_scheduler, fatal=True, ends_gate=True),
)


@contextmanager
def mended(stack: Stack) -> Iterator[None]:
    """Afterwards repair what was broken on purpose, and wait until the rest has healed."""
    try:
        yield
    finally:
        for node in stack.lab.nodes:
            node.mend()
            for container in stack.container("worker", node).split():
                with suppress(RuntimeError):  # it has just ended
                    node.docker("kill", "--signal", "CONT", container)
        until(lambda: _leads(stack), "the manager to lead")
        for node in stack.lab.nodes:
            _availability(stack, "active", node)
        stack.label(*stack.lab.nodes)
        until(lambda: _healed(stack), "a worker on every node, and no other")


def _leads(stack: Stack) -> bool:
    try:
        return bool(stack.lab.manager.docker("node", "ls", "--quiet"))
    except RuntimeError:
        return False


def _healed(stack: Stack) -> bool:
    """Swarm, nodes and scheduler agree: a node that was away may lose its worker when it comes."""
    nodes = stack.lab.nodes
    asked = ("service", "ps", "dask_worker", "--no-trunc", "--filter", "desired-state=running")
    shown = nodes[0].docker(*asked, "--format", "{{.Node}}-{{.ID}} {{.CurrentState}}").splitlines()
    tasks = sorted(line.split()[0] for line in shown if line.split()[1] == "Running")
    ready = nodes[0].docker("node", "ls", "--format", "{{.Status}}").split()
    if len(shown) != len(nodes) or len(tasks) != len(nodes) or set(ready) != {"Ready"}:
        return False
    if any(len(stack.container("worker", node).split()) != 1 for node in nodes):
        return False
    try:
        return stack.workers() == [name[: name.index("-") + 9] for name in tasks]
    except OSError:  # the scheduler is not back yet
        return False
