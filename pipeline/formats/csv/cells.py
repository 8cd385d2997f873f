"""Reading a column out of a partition: byte range in, batches of float64 out.

A partition does not know where its first row begins, nor whether it starts inside quotes. It looks
for a newline after which whole, clean rows follow, takes that for the beginning of a row, and
reports it: `CsvCells.begin` and `CsvCells.end` let the caller verify that the rows of neighbouring
partitions meet. (Ge et al., "Speculative Distributed CSV Data Parsing for Big Data Analytics",
SIGMOD 2019.)
"""

from __future__ import annotations

from math import inf, isfinite, nan
from typing import TYPE_CHECKING

import numpy as np

from pipeline.formats.csv import scan
from pipeline.formats.csv.grammar import first_row, row_at
from pipeline.formats.csv.index import Index
from pipeline.formats.table import Problem
from pipeline.numeric.intrinsics import WORD

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from io import FileIO

    from pipeline.formats.csv.table import CsvTable
    from pipeline.formats.partition import Partition
    from pipeline.numeric.arrays import Floats

BLOCK = 1 << 20
LONGEST_ROW = 64 << 20
BATCH = 1 << 17
_STEP = 1 << 10

MISSING = nan
INVALID = inf
RAGGED = -inf
"""What takes the place of a cell that is no value, where a column is read with its gaps."""


class CsvCells:
    """The cells of a CSV file's column in one partition: see `formats.table.Cells`.

    With `gaps`, `batches` yields MISSING, INVALID or RAGGED for each row without a valid value.
    """

    def __init__(self, table: CsvTable, partition: Partition, *, gaps: bool = False) -> None:
        """Prepare to read a partition; nothing is opened yet."""
        self._table = table
        self._partition = partition
        self._gaps = gaps
        self._data = np.empty(BLOCK + WORD, np.uint8)
        self._offset = partition.start
        self._filled = 0
        self._values = np.empty(BATCH)
        self._used = 0
        self._index = Index.empty()
        self._tokens = np.frombuffer(table.tokens, np.uint8)
        self._absent = np.array(table.absent, np.float64)
        self.missing = 0
        self.invalid = 0
        self.begin: int | None = None
        self.end: int | None = None
        self.problem: Problem | None = None

    def batches(self) -> Iterator[Floats]:
        """Yield the valid values in file order; each batch is overwritten by the next."""
        with self._table.open() as file:
            row = self._first_row(file)
            if row is None:
                return
            self.begin = self._offset + row
            while self._offset + row < self._partition.stop and not self.problem:
                row = yield from self._rows(row, self._filled)
                if self._offset + row < self._partition.stop and not self.problem:
                    row = yield from self._fill_up(file, row)
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
                raise self._table.changed()
            row = first_row(self._data, self._filled, self._table.form)
            if row >= 0:
                return int(row) if self._offset + row < stop else None
        return None

    def _rows(self, row: int, stop: int) -> Generator[Floats, None, int]:
        """Read the whole rows of the block up to `stop`; return where the next row begins."""
        while True:
            halt = scan.scan(
                self._data,
                row,
                stop,
                self._table.form,
                self._tokens,
                self._absent,
                self._values,
                self._used,
                self._gaps,
                self._index,
            )
            row, self._used = halt.row, halt.values
            self.missing += halt.missing
            if halt.reason == scan.MORE:
                return row
            if halt.reason == scan.FULL:
                yield self._values
                self._used = 0
            else:
                self._take(halt)
                if self.problem:
                    return row

    def _take(self, halt: scan.Stop) -> None:
        """Deal with the row that the kernel left: convert it, skip it or name the problem."""
        text = bytes(self._data[halt.cell_start : halt.cell_end])
        if halt.reason == scan.ODD:
            value = float(text.replace(self._table.decimal, b"."))
            if value in self._table.absent:
                self.missing += 1
                self._leave(MISSING)
                return
            if isfinite(value):
                self._put(value)
                return
        if self._table.skip_invalid:
            self.invalid += 1
            self._leave(RAGGED if halt.reason == scan.RAGGED else INVALID)
        elif halt.reason == scan.RAGGED:
            self.problem = Problem(self._offset + halt.last_row, self._table.ragged(halt.fields))
        else:
            self.problem = Problem(self._offset + halt.last_row, self._table.not_a_number(text))

    def _put(self, value: float) -> None:
        self._values[self._used] = value
        self._used += 1

    def _leave(self, gap: float) -> None:
        if self._gaps:
            self._put(gap)

    def _fill_up(self, file: FileIO, row: int) -> Generator[Floats, None, int]:
        """Read on behind the row that the block ends in; return where the next row begins."""
        kept = self._filled - row
        self._data[:kept] = self._data[row : self._filled].copy()
        self._offset += row
        self._filled = kept
        left = self._partition.stop - self._offset - kept
        if left > 0:
            if kept == self._room():
                self._grow()
            if not self.problem and not self._read(file, left):
                raise self._table.changed()
            return 0
        return (yield from self._last_row(file))

    def _last_row(self, file: FileIO) -> Generator[Floats, None, int]:
        """Read the row that begins in the partition and ends behind it."""
        end, step = -1, _STEP
        while end < 0 and not self.problem:
            if self._filled + step > self._room():
                self._grow()
            at_end = not self._read(file, step)
            if at_end:
                self._data[self._filled] = self._table.form.newline
                self._filled += 1
            step *= 2
            end = row_at(self._data, 0, self._filled, self._table.form)[0]
            if end < 0 and at_end:
                self.problem = Problem(self._offset, "opens a quote that is never closed")
        if self.problem:
            return 0
        after = yield from self._rows(0, end + 1)
        return min(after, self._table.size - self._offset)

    def _read(self, file: FileIO, wanted: int) -> int:
        """Read up to `wanted` bytes behind those that are there, as far as the block has room."""
        room = self._data.data[self._filled : min(self._filled + wanted, self._room())]
        count = file.readinto(room) or 0
        self._filled += count
        return count

    def _room(self) -> int:
        return self._data.size - WORD

    def _grow(self) -> None:
        if self._room() >= LONGEST_ROW:
            self.problem = Problem(
                self._offset,
                f"is longer than {LONGEST_ROW >> 20} MiB; is a quote in it never closed?",
            )
            return
        grown = np.empty(2 * self._room() + WORD, np.uint8)
        grown[: self._filled] = self._data[: self._filled]
        self._data = grown
