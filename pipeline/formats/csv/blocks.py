"""Reading a partition of a CSV file block by block: from the first row that begins in it on.

A partition knows neither where its first row begins nor whether it starts inside quotes. It looks
for a newline after which whole, clean rows follow, takes that for the beginning of a row, and
reports it: `begin` and `end` let the caller verify that the rows of neighbouring partitions meet.
See Ge et al., "Speculative Distributed CSV Data Parsing for Big Data Analytics", SIGMOD 2019.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from pipeline.formats.csv.grammar import first_row, row_at
from pipeline.formats.csv.index import PADDING
from pipeline.formats.table import Problem
from pipeline.formats.text_file import changed

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from pipeline.formats.csv.spec import CsvSpec
    from pipeline.formats.partition import Partition
    from pipeline.formats.text_file import OpenText

BLOCK_BYTES = 1 << 20
"""Bytes of a file that are read and scanned at a time."""

_FIRST_STEP_BYTES = 1 << 10
"""Bytes that are read at first behind a partition, where its last row ends; then twice as many."""

B = TypeVar("B")


class Blocks(ABC, Generic[B]):
    """Reads the rows that begin in a partition; what is made of them is a subclass's.

    Attributes:
        begin: The byte at which the first row begins; None when none begins in the partition.
        end: The byte behind the last row; None likewise.
        problem: Why reading stopped before the end, or None.

    """

    def __init__(
        self, spec: CsvSpec, partition: Partition, *, block_bytes: int = BLOCK_BYTES
    ) -> None:
        """Prepare to read a partition; nothing is opened yet.

        `block_bytes` changes no result: it bounds what is read at a time.
        """
        self._spec = spec
        self._source = spec.source
        self._dialect = spec.byte_dialect
        self._start, self._stop = partition.start, partition.stop
        self._certain = partition.certain
        self._text_size = spec.source.text_size
        self._most_room = spec.longest_row + 1
        self._data = np.empty(min(block_bytes, self._most_room) + PADDING, np.uint8)
        self._offset = partition.start
        self._filled = 0
        self.begin: int | None = None
        self.end: int | None = None
        self.problem: Problem | None = None

    def batches(self) -> Iterator[B]:
        """Yield what is made of the rows, in file order. The next batch overwrites it.

        Raises InputError when the file changed before or meanwhile, OSError when it cannot be read.
        """
        with self._source.reading() as file:
            row = self._first_row(file)
            if row is None:
                return
            self.begin = self._offset + row
            while self._offset + row < self._stop and not self.problem:
                row = yield from self._rows(row, self._filled)
                if self._offset + row < self._stop and not self.problem:
                    row = yield from self._read_on(file, row)
            self.end = self._offset + row
            yield from self._rest()

    @abstractmethod
    def _rows(self, row: int, stop: int) -> Generator[B, None, int]:
        """Read the whole rows of the block up to `stop`; return where the next row begins."""

    @abstractmethod
    def _rest(self) -> Iterator[B]:
        """Yield what is left when all rows have been read."""

    def _first_row(self, file: OpenText) -> int | None:
        """Fill the first block; return where in it the first row begins, if one does."""
        start, stop = self._start, self._stop
        if start >= stop:
            return None
        if self._certain:
            file.seek(start)
            self._read(file, stop - start)
            return 0
        file.seek(start - 1)
        self._offset = start - 1
        while self._offset + self._filled < stop:
            self._offset += self._filled
            self._filled = 0
            if not self._read(file, stop - self._offset):
                raise changed(self._source.path, "it is cut off")
            row = first_row(self._data, self._filled, self._dialect)
            if row >= 0:
                return int(row) if self._offset + row < stop else None
        return None

    def _read_on(self, file: OpenText, row: int) -> Generator[B, None, int]:
        """Move the row in which the block ends to its front, and read on behind it.

        Return where in the block the next row begins.
        """
        kept = self._filled - row
        self._data[:kept] = self._data[row : self._filled].copy()
        self._offset += row
        self._filled = kept
        left = self._stop - self._offset - kept
        if left > 0:
            if kept == self._room():
                self._grow()
            if not self.problem and not self._read(file, left):
                self._end_at(self._offset + kept)
            return 0
        return (yield from self._last_row(file))

    def _end_at(self, size: int) -> None:
        """Take note that the text has ended, which is news where its size was not known."""
        if self._text_size is not None:
            raise changed(self._source.path, "it is cut off")
        self._stop = self._text_size = size

    def _last_row(self, file: OpenText) -> Generator[B, None, int]:
        """Read the row that begins in the partition and ends behind it."""
        end, step = -1, _FIRST_STEP_BYTES
        while end < 0 and not self.problem:
            if self._filled + step > self._room():
                self._grow()
                if self.problem:
                    return 0
            at_end = not self._read(file, step)
            if at_end:
                self._data[self._filled] = self._dialect.newline
                self._filled += 1
            step *= 2
            end = row_at(self._data, 0, self._filled, self._dialect).end
            if end < 0 and at_end:
                self.problem = Problem(
                    self._offset,
                    "opens a quote that is never closed; is the file cut off, or the mark another "
                    "one (--quote)?",
                )
        if self.problem:
            return 0
        after = yield from self._rows(0, end + 1)
        return min(after, (self._text_size or self._stop) - self._offset)

    def _read(self, file: OpenText, wanted: int) -> int:
        """Read up to `wanted` bytes behind those that are there; return how many found room."""
        room = self._data.data[self._filled : min(self._filled + wanted, self._room())]
        count = file.readinto(room) or 0
        self._filled += count
        return count

    def _room(self) -> int:
        return self._data.size - PADDING

    def _grow(self) -> None:
        """Double the block, in which one row begins and none ends, up to the longest row's size.

        When that is full, the row is too long: a problem. So it depends on the row alone.
        """
        if self._filled == self._most_room:
            self.problem = Problem(self._offset, self._spec.too_long())
            return
        room = min(2 * self._room(), self._most_room)
        if room == self._room():
            return
        grown = np.empty(room + PADDING, np.uint8)
        grown[: self._filled] = self._data[: self._filled]
        self._data = grown
