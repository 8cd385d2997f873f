"""Ordered reduction: neighbours are merged with neighbours of like size, in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")


class Folding(Generic[T]):
    """Reduces items that come one by one from left to right, as a balanced tree would.

    Only neighbours are merged, so `merge` need not be commutative; each item takes part in about
    log2(n) merges, and no more than that many results are held at once.
    """

    def __init__(self, merge: Callable[[T, T], T]) -> None:
        """Begin without items."""
        self._merge = merge
        self._results: list[tuple[int, T]] = []

    def __bool__(self) -> bool:
        """Whether there are items."""
        return bool(self._results)

    def add(self, item: T) -> None:
        """Take the next item."""
        results = self._results
        results.append((1, item))
        while len(results) > 1 and results[-2][0] <= results[-1][0]:
            size, last = results.pop()
            before, left = results.pop()
            results.append((before + size, self._merge(left, last)))

    def total(self) -> T:
        """Return what all items come to, of which there is at least one."""
        *before, (_, total) = self._results
        for _, item in reversed(before):
            total = self._merge(item, total)
        return total


def fold(merge: Callable[[T, T], T], items: Iterable[T], identity: T) -> T:
    """Reduce items as `Folding` does; no items come to the `identity`."""
    folding = Folding(merge)
    for item in items:
        folding.add(item)
    return folding.total() if folding else identity
