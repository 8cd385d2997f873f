"""Reading a column out of a partition: byte range in, batches of float64 out."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from pipeline.formats.csv.blocks import BLOCK_BYTES, Blocks
from pipeline.formats.csv.index import Index
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

    from pipeline.formats.csv.spec import CsvSpec
    from pipeline.formats.partition import Partition
    from pipeline.numeric.arrays import Floats

BATCH_VALUES = 1 << 17
"""Values of a batch; the last one has fewer."""


class CsvCells(Blocks["Floats"]):
    """The cells of a CSV file's column in one partition: see `formats.table.Cells`."""

    def __init__(
        self,
        spec: CsvSpec,
        partition: Partition,
        *,
        block_bytes: int = BLOCK_BYTES,
        batch_values: int = BATCH_VALUES,
    ) -> None:
        """Prepare to read a partition; nothing is opened yet.

        `block_bytes` and `batch_values` change no result: they
        bound what is read at a time, and what is yielded at a time.
        """
        super().__init__(spec, partition, block_bytes=block_bytes)
        self._values = np.empty(batch_values)
        self._used = 0
        self._index = Index.empty()
        self._missing_tokens = np.frombuffer(spec.missing_tokens, np.uint8)
        self._missing_values = np.array(spec.missing_values, np.float64)
        self.missing = 0
        self.invalid = 0

    def _rest(self) -> Iterator[Floats]:
        if self._used:
            yield self._values[: self._used]

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
                return
            if isfinite(value):
                self._values[self._used] = value
                self._used += 1
                return
        ragged = halt.reason == STOP_RAGGED
        if self._spec.skip_invalid:
            self.invalid += 1
        else:
            reason = self._spec.ragged(halt.fields) if ragged else self._spec.not_a_number(text)
            self.problem = Problem(self._offset + halt.last_row, reason)
