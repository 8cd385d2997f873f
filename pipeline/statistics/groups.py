"""Results by group: a mapping, whose results are made when they are asked for."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from pipeline.numeric.key_parts import split_key
from pipeline.statistics.result import ByGroup

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.statistics.group_table import GroupTable
    from pipeline.statistics.result import GroupKey, Result


class Groups(ByGroup):
    """The results of the groups of one column, by their keys, in the order of their appearance.

    Attributes:
        names: The names of the keys.

    """

    def __init__(self, table: GroupTable, column: int, names: Sequence[str]) -> None:
        """Take the statistics of all groups; `column` is the index of the column."""
        self.names = tuple(names)
        self._table = table
        self._column = column

    def __getitem__(self, key: GroupKey) -> Result:
        """Return the statistics of the group with a key; raise KeyError if there is none."""
        return self._table.result(self._places[key], self._column)

    def __iter__(self) -> Iterator[GroupKey]:
        """Return the keys."""
        return iter(self._places)

    def __len__(self) -> int:
        """Return how many groups there are."""
        return len(self._table)

    @cached_property
    def _places(self) -> dict[GroupKey, int]:
        keys = [key_texts(key) for key in self._table.keys.to_list()]
        return {key[0] if len(key) == 1 else key: i for i, key in enumerate(keys)}


def key_texts(key: bytes) -> tuple[str, ...]:
    """Return the texts of a key; bytes that are not UTF-8 become lone surrogates."""
    return tuple(part.decode("utf-8", "surrogateescape") for part in split_key(key))


def with_groups(
    results: Sequence[Result], groups: GroupTable | None, names: Sequence[str]
) -> tuple[Result, ...]:
    """Return the `results` of the columns, each with those of its `groups`, if there are groups.

    `names` are those of the keys.
    """
    if groups is None:
        return tuple(results)
    return tuple(
        replace(result, groups=Groups(groups, column, names))
        for column, result in enumerate(results)
    )
