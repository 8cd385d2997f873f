"""Work that is begun ahead of its turn: beside other work, and no more of it than is asked for."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Item = TypeVar("Item")
Begun = TypeVar("Begun")
Made = TypeVar("Made")


def in_turn(
    begin: Callable[[Item], Begun], end: Callable[[Begun], Made], items: Iterable[Item], ahead: int
) -> Iterator[Made]:
    """Yield what becomes of each item, in the items' order: `begin` starts it, `end` waits for it.

    No more than `ahead` items are begun before what was made of the first of them is yielded, so
    that what waits stays bounded.
    """
    begun: deque[Begun] = deque()
    for item in items:
        if len(begun) == ahead:
            yield end(begun.popleft())
        begun.append(begin(item))
    while begun:
        yield end(begun.popleft())
