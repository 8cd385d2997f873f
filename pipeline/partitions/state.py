"""What engine and planning know of a summary: how to merge it, its size, how to cut it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.statistics.divisions import Divisions


class State(Protocol):
    """A monoid over consecutive rows: `merge` is associative, and need not commute."""

    @property
    def count(self) -> int:
        """The number of valid values in these rows."""

    @property
    def distinct(self) -> int:
        """The number of entries: different values, by which memory and merging grow."""

    @property
    def nbytes(self) -> int:
        """The memory of its arrays, in bytes."""

    def merge(self, other: Self, /) -> Self:
        """Return the state of these rows followed by those of `other`."""

    def divisions(self, parts: int, /) -> Divisions:
        """Return what cuts the entries into so many `parts`, for `Divisible.cut`."""


class Divisible(State, Protocol):
    """A state that can be cut into parts, which merge apart from each other."""

    def cut(self, divisions: Divisions, /) -> tuple[State, Sequence[State]]:
        """Return what is left, and the parts that `divisions` make."""
