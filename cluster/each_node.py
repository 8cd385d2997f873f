"""Asking several nodes at the same time."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from cluster.errors import ClusterError
from cluster.inventory import Node
from cluster.side_by_side import side_by_side

Value = TypeVar("Value")


@dataclass(frozen=True)
class Answers(Generic[Value]):
    """What nodes answered, by address; and why the others did not."""

    values: Mapping[str, Value]
    errors: Mapping[str, str]


def on_each(nodes: Iterable[Node], read: Callable[[Node], Value]) -> dict[str, Value]:
    """Read something of several nodes at the same time; keyed by their addresses, in order."""
    nodes = list(nodes)
    answers = side_by_side(partial(read, node) for node in nodes)
    pairs = zip(nodes, answers, strict=True)
    return {node.address: answer.result() for node, answer in pairs}


def ask_each(nodes: Iterable[Node], read: Callable[[Node], Value]) -> Answers[Value]:
    """Read something of several nodes at the same time; a ClusterError of one is its answer."""

    def attempt(node: Node) -> Value | ClusterError:
        try:
            return read(node)
        except ClusterError as error:
            return error

    found = on_each(nodes, attempt)
    errors = {host: str(one) for host, one in found.items() if isinstance(one, ClusterError)}
    values = {host: one for host, one in found.items() if not isinstance(one, ClusterError)}
    return Answers(values, errors)
