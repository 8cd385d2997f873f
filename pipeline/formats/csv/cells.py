"""Reading a column out of a partition: byte range in, batches of float64 out.

A partition knows neither where its first row begins nor whether it starts inside quotes. It looks
for a newline after which whole, clean rows follow, takes that for the beginning of a row, and
reports it: `CsvCells.begin` and `CsvCells.end` let the caller verify that the rows of neighbouring
partitions meet. See Ge et al., "Speculative Distributed CSV Data Parsing for Big Data Analytics",
SIGMOD 2019.
"""

from __future__ import annotations

from math import inf, isfinite, nan
from typing import TYPE_CHECKING

import numpy as np

from pipeline.formats.csv.grammar import first_row, row_at
from pipeline.formats.csv.index import PADDING, Index
from pipeline.formats.csv.scan import (
    STOP_CAREFUL,
    STOP_END,
    STOP_FULL,
    STOP_RAGGED,
    Stop,
    scan,
)
from pipeline.formats.table import Problem

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from io import FileIO

    from pipeline.formats.csv.spec import CsvSpec
    from pipeline.formats.partition import Partition
    from pipeline.numeric.arrays import Floats

BLOCK_BYTES = 1 << 20
"""Bytes of a file that are read and scanned at a time."""

BATCH_VALUES = 1 << 17
"""Values of a batch; the last one has fewer."""

_FIRST_STEP_BYTES = 1 << 10
"""Bytes that are read at first behind a partition, where its last row ends; then twice as many."""

# What takes the place of a cell that is no value, where a column is read with its gaps.
MISSING_GAP = nan
INVALID_GAP = inf
RAGGED_GAP = -inf


class CsvCells:
    """The cells of a CSV file's column in one partition: see `formats.table.Cells`."""

    def __init__(
        self,
        spec: CsvSpec,
        partition: Partition,
        *,
        gaps: bool = False,
        block_bytes: int = BLOCK_BYTES,
        batch_values: int = BATCH_VALUES,
    ) -> None:
        """Prepare to read a partition; nothing is opened yet.

        With `gaps`, `batches` yields a number for each row: MISSING_GAP, INVALID_GAP or RAGGED_GAP
        where there is no valid value. `block_bytes` and `batch_values` change no result: they
        bound what is read at a time, and what is yielded at a time.
        """
        self._spec = spec
        self._source = spec.source
        self._dialect = spec.byte_dialect
        self._partition = partition
        self._gaps = gaps
        self._most_room = spec.longest_row + 1
        self._data = np.empty(min(block_bytes, self._most_room) + PADDING, np.uint8)
        self._offset = partition.start
        self._filled = 0
        self._values = np.empty(batch_values)
        self._used = 0
        self._index = Index.empty()
        self._missing_tokens = np.frombuffer(spec.missing_tokens, np.uint8)
        self._missing_values = np.array(spec.missing_values, np.float64)
        self.missing = 0
        self.invalid = 0
        self.begin: int | None = None
        self.end: int | None = None
        self.problem: Problem | None = None

    def batches(self) -> Iterator[Floats]:
        """Yield the valid values in file order, each batch a float64 array of shape (n,).

        The next batch overwrites it. Raises InputError when the file changed before or
        meanwhile, OSError when it cannot be read.
        """
        with self._source.reading() as file:
            row = self._first_row(file)
            if row is None:
                return
            self.begin = self._offset + row
            while self._offset + row < self._partition.stop and not self.problem:
                row = yield from self._rows(row, self._filled)
                if self._offset + row < self._partition.stop and not self.problem:
                    row = yield from self._read_on(file, row)
            self.end = self._offset + row
            if self._used:
                yield self._values[: self._used]

    def _first_row(self, file: FileIO) -> int | None:
        """Fill the first block; return where in it the first row begins, if one does."""
        start, stop = self._partition.start, self._partition.stop
        if start >= stop:
            return None
        if self._partition.certain:
            file.seek(start)
            self._read(file, stop - start)
            return 0
        file.seek(start - 1)
        self._offset = start - 1
        while self._offset + self._filled < stop:
            self._offset += self._filled
            self._filled = 0
            if not self._read(file, stop - self._offset):
                raise self._source.changed("it is cut off")
            row = first_row(self._data, self._filled, self._dialect)
            if row >= 0:
                return int(row) if self._offset + row < stop else None
        return None

    def _rows(self, row: int, stop: int) -> Generator[Floats, None, int]:
        """Read the whole rows of the block up to `stop`; return where the next row begins."""
        while True:
            halt = scan(
                self._data,
                row,
                stop,
                self._dialect,
                self._missing_tokens,
                self._missing_values,
                self._values,
                self._used,
                self._gaps,
                self._index,
            )
            row, self._used = halt.row, halt.values
            self.missing += halt.missing
            if halt.reason == STOP_END:
                return row
            if halt.reason == STOP_FULL:
                yield self._values
                self._used = 0
            else:
                self._handle(halt)
                if self.problem:
                    return row

    def _handle(self, halt: Stop) -> None:
        """Deal with the row at which the kernel stopped: convert it, skip it or refuse it."""
        text = bytes(self._data[halt.cell_start : halt.cell_end])
        if halt.reason == STOP_CAREFUL:
            value = self._spec.number(text)
            if value in self._spec.missing_values:
                self.missing += 1
                self._put_gap(MISSING_GAP)
                return
            if isfinite(value):
                self._put(value)
                return
        ragged = halt.reason == STOP_RAGGED
        if self._spec.skip_invalid:
            self.invalid += 1
            self._put_gap(RAGGED_GAP if ragged else INVALID_GAP)
        else:
            reason = self._spec.ragged(halt.fields) if ragged else self._spec.not_a_number(text)
            self.problem = Problem(self._offset + halt.last_row, reason)

    def _put(self, value: float) -> None:
        self._values[self._used] = value
        self._used += 1

    def _put_gap(self, gap: float) -> None:
        if self._gaps:
            self._put(gap)

    def _read_on(self, file: FileIO, row: int) -> Generator[Floats, None, int]:
        """Move the row in which the block ends to its front, and read on behind it.

        Return where in the block the next row begins.
        """
        kept = self._filled - row
        self._data[:kept] = self._data[row : self._filled].copy()
        self._offset += row
        self._filled = kept
        left = self._partition.stop - self._offset - kept
        if left > 0:
            if kept == self._room():
                self._grow()
            if not self.problem and not self._read(file, left):
                raise self._source.changed("it is cut off")
            return 0
        return (yield from self._last_row(file))

    def _last_row(self, file: FileIO) -> Generator[Floats, None, int]:
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
        return min(after, self._source.size - self._offset)

    def _read(self, file: FileIO, wanted: int) -> int:
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
