"""Reading some columns out of a partition as fields: each row is split once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.formats.csv.blocks import BLOCK_BYTES, Blocks
from pipeline.formats.csv.field_kernel import find_fields
from pipeline.formats.csv.grammar import CARRIAGE_RETURN
from pipeline.formats.csv.index import Index
from pipeline.formats.csv.scan import STOP_FULL, STOP_RAGGED
from pipeline.formats.fields import Fields
from pipeline.formats.rejects import SHOWN_BYTES
from pipeline.formats.table import Problem

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from pipeline.formats.csv.spec import CsvSpec
    from pipeline.formats.partition import Partition
    from pipeline.formats.rejects import RejectLog

_MOST_ROWS = 1 << 13
"""Rows of a batch: what is known of them stays in a core's second cache."""


class CsvFields(Blocks[Fields]):
    """The fields of a CSV file's rows in one partition: see `formats.fields.FieldReader`."""

    def __init__(
        self,
        spec: CsvSpec,
        columns: tuple[int, ...],
        partition: Partition,
        log: RejectLog,
        *,
        texts: Sequence[int] = (),
        all_rows: bool = False,
        block_bytes: int = BLOCK_BYTES,
    ) -> None:
        """Prepare to read the columns with these indices, which rise, out of a partition.

        `spec` is that of any column; `block_bytes` is as in `Blocks`. Rows that are skipped go to
        the `log`; with `all_rows` none is. In the columns `texts` outer blanks stay.
        """
        super().__init__(spec, partition, block_bytes=block_bytes)
        self._columns = np.array(columns, np.int64)
        shape = (len(columns), _MOST_ROWS)
        self._starts, self._ends = np.empty(shape, np.int64), np.empty(shape, np.int64)
        self._begins = np.empty(_MOST_ROWS, np.int64)
        self._index = Index.empty()
        self._texts = np.isin(self._columns, texts)
        self._all_rows = all_rows
        self._gaps: list[int] = []
        self._log = log
        self.ragged = 0

    def _rows(self, row: int, stop: int) -> Generator[Fields, None, int]:
        used = 0
        while True:
            halt = find_fields(
                self._data,
                row,
                stop,
                self._dialect,
                self._columns,
                self._starts,
                self._ends,
                self._begins,
                used,
                self._texts,
                self._index,
            )
            row, used = halt.row, halt.used
            skipped = halt.reason == STOP_RAGGED and self._spec.skip_invalid
            if skipped and self._all_rows:
                self._keep_empty(halt.last, used)
                used += 1
                continue
            if skipped:
                self.ragged += 1
                self._reject(halt.last, row, halt.fields)
                continue
            if used:
                yield self._fields(used)
                used = 0
            if halt.reason == STOP_RAGGED:
                reason = self._spec.ragged(halt.fields)
                self.problem = Problem(self._offset + halt.last, reason)
            if halt.reason != STOP_FULL:
                return row

    def _reject(self, begin: int, end: int, fields: int) -> None:
        """Log the row from `begin` to `end` of the block."""
        newline = self._dialect.newline
        while end > begin and self._data[end - 1] in (newline, CARRIAGE_RETURN):
            end -= 1
        text = self._data[begin : min(end, begin + SHOWN_BYTES + 1)].tobytes()
        reason = f"{fields} field{'s' * (fields != 1)}, not {self._spec.byte_dialect.fields}"
        self._log.add(self._offset + begin, "", reason, text)

    def _keep_empty(self, begin: int, index: int) -> None:
        """Keep the row that begins at a byte of the block as one whose fields are empty."""
        self._starts[:, index] = self._ends[:, index] = self._begins[index] = begin
        self._gaps.append(index)

    def _fields(self, used: int) -> Fields:
        gaps, self._gaps = tuple(self._gaps), []
        return Fields(
            self._data,
            self._starts[:, :used],
            self._ends[:, :used],
            self._begins[:used] + self._offset,
            ragged=gaps,
        )

    def _rest(self) -> Iterator[Fields]:
        return iter(())

    def problem_at(self, row: int, reason: str) -> Problem:
        """Return the problem of the row that begins at a byte."""
        return Problem(row, reason)
