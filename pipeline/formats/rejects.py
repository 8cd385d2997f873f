"""Rejects: the first cells and rows that were skipped because they cannot be read, in file order.

They are a monoid over consecutive rows, of a size that is stated beforehand.
"""

from __future__ import annotations

from codecs import getincrementaldecoder
from dataclasses import dataclass
from operator import attrgetter

from pipeline.reject import Reject

SHOWN_BYTES = 1024
"""How much of a cell or a row is kept."""

NO_NUMBER = "no finite number"
NO_TIME_OF_LAYOUT = "no time in the layout of --time"


@dataclass(frozen=True)
class Rejects:
    """The first of some rows' rejects, at most so many, and how many there are in all."""

    most: int = 0
    first: tuple[Reject, ...] = ()
    count: int = 0

    def merge(self, other: Rejects) -> Rejects:
        """Return the rejects of these rows followed by those of `other`."""
        first = self.first + other.first[: max(0, other.most - len(self.first))]
        return Rejects(max(self.most, other.most), first, self.count + other.count)


NONE = Rejects()


class RejectLog:
    """Takes the rejects of one file's partition, those of a batch of rows in any order."""

    def __init__(self, file: str, encoding: str, most: int) -> None:
        """Take what all have in common, and how many are kept: with 0 they are not even counted."""
        self._file = file
        self._decoder = getincrementaldecoder(encoding)
        self._most = most
        self._kept: list[Reject] = []
        self._count = 0

    def add(self, offset: int, column: str, reason: str, text: bytes) -> None:
        """Take one. The cells of a row come in the order of its columns."""
        if not self._most:
            return
        self._count += 1
        more = len(text) > SHOWN_BYTES
        # A character that the end of what is kept cuts in two is left out.
        shown = self._decoder("backslashreplace").decode(text[:SHOWN_BYTES], final=not more)
        shown += "…" * more
        self._kept.append(Reject(self._file, offset, column, reason, shown))
        if len(self._kept) > 2 * self._most:
            self._settle()

    def total(self) -> Rejects:
        """Return all that were taken."""
        self._settle()
        return Rejects(self._most, tuple(self._kept), self._count)

    def _settle(self) -> None:
        """Keep the first ones in file order; a row's cells stay in their order."""
        self._kept.sort(key=attrgetter("offset"))
        del self._kept[self._most :]
