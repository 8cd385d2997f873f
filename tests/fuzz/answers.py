"""What reading a file comes to: an answer, or a refusal. Two of a kind can be compared."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

MOST_REJECTS = 9
SHOWN_CHARACTERS = 200
"""How much of a reject's text is compared."""


@dataclass(frozen=True)
class Refusal:
    """A file that is refused: for what kind of reason, and at which position of a row, if any."""

    kind: str
    place: int | None = None


@dataclass
class Answer:
    """What a file holds.

    columns: the valid values of each number column; with groups, a value for each row, NaN where it
        is missing, inf where it is invalid, -inf where it is out of range.
    keys: the key of each row; none without groups.
    missing, invalid, out_of_range: how many cells of each column are.
    filtered: how many rows a condition left out.
    rejects: position, column and the beginning of the text of the first cells and rows that were
        skipped, MOST_REJECTS of them, where a query is asked of text; the column of a row is empty.
    rejected: how many there are in all.
    """

    columns: list[list[float]]
    keys: list[bytes] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    invalid: list[int] = field(default_factory=list)
    out_of_range: list[int] = field(default_factory=list)
    filtered: int = 0
    rejects: list[tuple[int, str, str]] = field(default_factory=list)
    rejected: int = 0

    def __eq__(self, other: object) -> bool:
        """Whether two answers agree, to the last bit of every value."""
        return isinstance(other, Answer) and self._exact() == other._exact()

    __hash__ = None

    def _exact(self) -> tuple[object, ...]:
        values = [[struct.pack("<d", value) for value in column] for column in self.columns]
        counts = (self.missing, self.invalid, self.out_of_range, self.filtered)
        return values, self.keys, counts, self.rejects, self.rejected


Outcome = Answer | Refusal
