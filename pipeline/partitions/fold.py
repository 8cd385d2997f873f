"""Ordered reduction: neighbours are merged with neighbours of like size, in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")


def fold(merge: Callable[[T, T], T], items: Iterable[T], identity: T) -> T:
    """Reduce items from left to right as a balanced tree would.

    Only neighbours are merged, so `merge` need not be commutative; each item takes part in about
    log2(n) merges, and no more than that many results are held at once.
    """
    results: list[tuple[int, T]] = []
    for item in items:
        results.append((1, item))
        while len(results) > 1 and results[-2][0] <= results[-1][0]:
            size, last = results.pop()
            before, left = results.pop()
            results.append((before + size, merge(left, last)))
    total = identity
    for _, item in reversed(results):
        total = merge(item, total)
    return total
