"""Work on the cluster for each of some items, and what it makes in the items' order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from pipeline.ahead import in_turn
from pipeline.engine import tasks
from pipeline.engine.reduce import RETRIES
from pipeline.engine.wait import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from distributed import Client, Future

Item = TypeVar("Item")
Made = TypeVar("Made")


def ordered(
    client: Client, function: Callable[[Item], Made], path: Path, items: Iterable[Item], ahead: int
) -> Iterator[Made]:
    """Yield what `function` makes of each item on the cluster, in the items' order.

    `path` is the file that `function` reads; `ahead` is as in `ahead.in_turn`.
    """

    def begin(item: Item) -> Future[Any]:
        return client.submit(tasks.call, function, path, item, pure=False, retries=RETRIES)

    def end(future: Future[Any]) -> Made:
        return cast("Made", wait_for(client, future, [path]))

    return in_turn(begin, end, items, ahead)
