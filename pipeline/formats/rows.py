"""The rows of a partition that a selection chooses: fields in, numbers and groups out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.formats.row_keys import RowKeys
from pipeline.formats.selection import INVALID, OUT_OF_RANGE, RefusedError
from pipeline.formats.table import Batch, Counters
from pipeline.formats.times import NO_TIME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.formats.fields import FieldReader, Fields
    from pipeline.formats.rejects import RejectLog, Rejects
    from pipeline.formats.selection import Selection
    from pipeline.formats.table import Problem
    from pipeline.numeric.arrays import Bools, Floats, Integers
    from pipeline.numeric.keys import Keys


_BATCH_ROWS = 1 << 17
"""Rows of a batch, at least; the last one has fewer."""


@dataclass(frozen=True, eq=False)
class _Chosen:
    """What is made of some fields: the rows that count, their times by column, their numbers."""

    fields: Fields
    times: dict[int, Integers]
    columns: list[Floats]
    filtered: int
    skipped: int


class _NoNumberError(Exception):
    """A column has a cell that is no number."""


class SelectedRows:
    """The chosen rows of one partition: see `formats.table.Rows`."""

    def __init__(self, selection: Selection, reader: FieldReader, log: RejectLog) -> None:
        """Take what is chosen, the fields of a partition, and where the reader logs its rejects."""
        self._selection = selection
        self._reader = reader
        self._log = log
        self._skipped = 0
        self._counters = [Counters() for _ in selection.numbers]
        self._keys = RowKeys(selection.keys, selection.encoding)
        self._problem: Problem | None = None
        self._filtered = 0
        self._given_up: set[int] = set()

    @property
    def begin(self) -> int | None:
        """The position at which the first row begins; None when none begins in the partition."""
        return self._reader.begin

    @property
    def end(self) -> int | None:
        """The position behind the last row; None likewise."""
        return self._reader.end

    @property
    def problem(self) -> Problem | None:
        """Why reading stopped before the end, or None."""
        return self._problem or self._reader.problem

    def batches(self) -> Iterator[Batch]:
        """Yield the chosen rows in file order. Raises as `formats.table.Cells` does."""
        waiting: list[Batch] = []
        rows = 0
        for fields in self._reader.batches():
            chosen = self._before_refusal(fields)
            self._filtered += chosen.filtered
            self._skipped += chosen.skipped
            grouped = bool(self._selection.keys)
            codes = self._keys.codes(chosen.fields, chosen.times) if grouped else None
            waiting.append(Batch(chosen.columns, codes))
            rows += len(chosen.fields)
            if rows >= _BATCH_ROWS or self._problem:
                yield self._counted(waiting)
                waiting, rows = [], 0
            if self._problem:
                return
        if rows:
            yield self._counted(waiting)

    def _counted(self, waiting: list[Batch]) -> Batch:
        """Return batches as one, whose cells have been counted."""
        batch = _joined(waiting)
        for counters, cells in zip(self._counters, batch.columns, strict=True):
            _count(counters, cells)
        return batch

    def counters(self) -> list[Counters]:
        """Return the counts of each number column; a row that was skipped is invalid in all."""
        skipped = self._reader.ragged + self._skipped
        places = zip(self._counters, self._selection.numbers, strict=True)
        return [
            Counters(
                one.missing,
                one.invalid + skipped,
                one.out_of_range,
                self._filtered,
                int(place in self._given_up),
            )
            for one, place in places
        ]

    def rejects(self) -> Rejects:
        """Return the first cells and rows that were skipped."""
        return self._log.total()

    def keys(self) -> Keys:
        """Return the keys so far, in UTF-8 and in the order of appearance; see `join_key`."""
        return self._keys.keys()

    def _before_refusal(self, fields: Fields) -> _Chosen:
        """Return what is chosen of the rows before the first that is refused, if one is."""
        while True:
            try:
                return self._choose(fields)
            except RefusedError as refused:
                self._problem = self._reader.problem_at(refused.row, refused.reason)
                fields = fields.before(int(np.searchsorted(fields.rows, refused.row)))

    def _choose(self, fields: Fields) -> _Chosen:
        """Apply the conditions, then read times and numbers. Raises RefusedError."""
        selection = self._selection
        filtered = skipped = 0
        for text in selection.texts:
            holds = text.of(fields)
            filtered += len(fields) - int(np.count_nonzero(holds))
            fields = fields.only(holds)
        for place, between in selection.comparisons:
            values = self._read(fields, place)
            known = values != INVALID
            holds = between.of(values) & known
            skipped += len(fields) - int(np.count_nonzero(known))
            filtered += int(np.count_nonzero(known)) - int(np.count_nonzero(holds))
            fields = fields.only(holds)
        times: dict[int, Integers] = {}
        for i, column in enumerate(selection.times):
            seconds = column.of(fields)
            known = seconds != NO_TIME
            selection.refuse_times(fields, column, np.flatnonzero(~known), self._log)
            holds = known.copy()
            for between in column.conditions:
                holds &= between.of(seconds)
            skipped += len(fields) - int(np.count_nonzero(known))
            filtered += int(np.count_nonzero(known)) - int(np.count_nonzero(holds))
            if not holds.all():
                fields = fields.only(holds)
                seconds = seconds[holds]
                times = {other: found[holds] for other, found in times.items()}
            times[i] = seconds
        columns = [self._numbers(fields, place) for place in selection.numbers]
        return _Chosen(fields, times, columns, filtered, skipped)

    def _numbers(self, fields: Fields, place: int) -> Floats:
        selection = self._selection
        if selection.numbers_only:
            cells = self._unless_given_up(fields, place)
        else:
            cells = self._read(fields, place)
        if selection.valid_range:
            low, high = selection.valid_range
            out: Bools = ((cells < low) | (cells > high)) & (cells != INVALID)
            if out.any():
                cells = np.where(out, OUT_OF_RANGE, cells)
        return cells

    def _read(self, fields: Fields, place: int) -> Floats:
        refuse = self._selection.refuse_number(fields, place, self._log)
        return self._selection.cells.of(fields, place, refuse)

    def _unless_given_up(self, fields: Fields, place: int) -> Floats:
        """Return a column's numbers; invalid cells once one was found that is no number."""
        if place not in self._given_up:
            try:
                return self._selection.cells.of(fields, place, _give_up)
            except _NoNumberError:
                self._given_up.add(place)
        return np.full(len(fields), INVALID)


def _give_up(row: int, text: bytes) -> None:
    raise _NoNumberError(row, text)


def _joined(batches: list[Batch]) -> Batch:
    """Return batches, one after the other, as one."""
    columns = [np.concatenate(parts) for parts in zip(*(b.columns for b in batches), strict=True)]
    codes = [batch.codes for batch in batches if batch.codes is not None]
    return Batch(columns, np.concatenate(codes) if codes else None)


def _count(counters: Counters, cells: Floats) -> None:
    counters.missing += int(np.count_nonzero(np.isnan(cells)))
    infinite = np.isinf(cells)
    if infinite.any():
        counters.invalid += int(np.count_nonzero(cells == INVALID))
        counters.out_of_range += int(np.count_nonzero(cells == OUT_OF_RANGE))
