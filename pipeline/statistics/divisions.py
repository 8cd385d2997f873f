"""How a state that is too large for one place is cut: by values, and by groups."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest


@dataclass(frozen=True)
class Divisions:
    """Into which parts the entries of a state are cut; with none of either, they stay together.

    Attributes:
        values: For each column the values, rising, that cut its multiset into ranges, one more than
            there are values; a column without any is not cut.
        groups: Into how many parts the groups are cut, by their keys' hashes; 0 if they are not.

    """

    values: tuple[tuple[float, ...], ...] = ()
    groups: int = 0

    @property
    def parts(self) -> int:
        """How many parts there are, beside what is not cut."""
        return sum(len(cuts) + 1 for cuts in self.values if cuts) + self.groups

    def union(self, other: Divisions) -> Divisions:
        """Return what cuts as finely as both this and `other`."""
        pairs = zip_longest(self.values, other.values, fillvalue=())
        values = tuple(tuple(sorted({*ours, *theirs})) for ours, theirs in pairs)
        return Divisions(values, max(self.groups, other.groups))

    def of_column(self, column: int) -> tuple[float, ...]:
        """Return what cuts the values of a column, by its index."""
        return self.values[column] if column < len(self.values) else ()


NOT_DIVIDED = Divisions()
