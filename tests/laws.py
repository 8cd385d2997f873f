"""The laws of a monoid, written once for everything that claims to be one."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, fields, is_dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Monoid:
    """A way to sum up stretches of values so that the summary of the whole follows from theirs."""

    of: Callable[[np.ndarray], Any]
    merge: Callable[[Any, Any], Any]

    @property
    def empty(self) -> Any:
        return self.of(np.empty(0))

    def of_list(self, values: list[float]) -> Any:
        return self.of(np.array(values, dtype=np.float64))


def state(value: Any) -> Any:
    """Return what is stored in *value*, to the last bit, as something ``==`` can compare."""
    if is_dataclass(value):
        return {field.name: state(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, np.ndarray):
        return (value.dtype.str, value.shape, value.tobytes())
    return value


def identity(monoid: Monoid, values: list[float]) -> None:
    """Merging with the empty summary, on either side, changes nothing."""
    summary = monoid.of_list(values)
    assert state(monoid.merge(monoid.empty, summary)) == state(summary)
    assert state(monoid.merge(summary, monoid.empty)) == state(summary)


def associativity(monoid: Monoid, stretches: list[list[float]]) -> None:
    """The order of merging neighbours does not matter: from the left, from the right, as a tree."""
    leaves = [monoid.of_list(values) for values in stretches]
    from_left = reduce(monoid.merge, leaves)
    from_right = reduce(lambda right, left: monoid.merge(left, right), reversed(leaves))
    assert state(from_left) == state(from_right) == state(_tree(monoid, leaves))


def split_invariance(monoid: Monoid, stretches: list[list[float]]) -> None:
    """The merged summaries of the stretches are the summary of the whole."""
    merged = reduce(monoid.merge, map(monoid.of_list, stretches))
    assert state(merged) == state(monoid.of_list([x for values in stretches for x in values]))


def operands_untouched(monoid: Monoid, left: list[float], right: list[float]) -> None:
    """Merging changes neither operand: the engine may hand the same summary out again."""
    operands = monoid.of_list(left), monoid.of_list(right)
    before = state(operands[0]), state(operands[1])
    monoid.merge(*operands)
    assert (state(operands[0]), state(operands[1])) == before


def pickle_round_trip(monoid: Monoid, values: list[float]) -> None:
    """A summary that travels between processes arrives as it left, and can be merged there."""
    summary = monoid.of_list(values)
    arrived = pickle.loads(pickle.dumps(summary))  # noqa: S301 - made by this line
    assert state(arrived) == state(summary)
    assert state(monoid.merge(arrived, arrived)) == state(monoid.merge(summary, summary))


def _tree(monoid: Monoid, leaves: list[Any]) -> Any:
    if len(leaves) == 1:
        return leaves[0]
    middle = (len(leaves) + 1) // 2
    return monoid.merge(_tree(monoid, leaves[:middle]), _tree(monoid, leaves[middle:]))
