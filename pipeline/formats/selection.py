"""Which rows count, and what is read of them: conditions, keys and numbers, from fields.

A `Selection` is a `Query` bound to a file: columns are places among the fields that are read. It is
the same for all formats, and is what a worker applies to each batch of fields.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite, nan
from typing import TYPE_CHECKING, Protocol

import numpy as np

from pipeline.formats.cell_kernels import is_one_of, read_numbers
from pipeline.formats.csv.decimals import is_number
from pipeline.formats.rejects import NO_NUMBER, NO_TIME_OF_LAYOUT
from pipeline.formats.times import read_times
from pipeline.numeric.keys import PADDING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.formats.fields import Fields
    from pipeline.formats.rejects import RejectLog
    from pipeline.numeric.arrays import Bools, Floats, Integers

MISSING = nan
INVALID = inf
OUT_OF_RANGE = -inf
"""What stands for a cell that is no value to be counted, in a column with all its rows."""


TEXT, CONSTANT = -1, -2
"""What a part of a key is that is no unit of time."""

_SHOWN_BYTES = 60


class RefusedError(Exception):
    """A row that is refused: its position (of `Fields.rows`), and the rest of a sentence on it."""

    def __init__(self, row: int, reason: str) -> None:
        """Take where and why."""
        super().__init__(row, reason)
        self.row = row
        self.reason = reason


class Refusals(Protocol):
    """How a format says why a row is refused."""

    def not_a_number(self, text: bytes, column: str) -> str:
        """Return why a row is refused in which a column's cell is `text`."""


@dataclass(frozen=True)
class Numbers:
    """How the number cells of a file are read.

    Attributes:
        decimal: The decimal mark.
        missing_tokens: The spellings of a missing cell, each after a byte with its length.
        missing_values: The numbers that stand for one.

    """

    decimal: str
    missing_tokens: bytes
    missing_values: tuple[float, ...]

    def of(self, fields: Fields, place: int, refuse: Callable[[int, bytes], None]) -> Floats:
        """Return a column as float64: NaN where a cell is missing, inf where it is no number.

        For each cell that is none, `refuse` is called with its row and text: it may raise.
        """
        if place in fields.numbers:
            return self._checked(fields.numbers[place], refuse)
        values = np.empty(len(fields))
        tokens = np.frombuffer(self.missing_tokens, np.uint8)
        gaps = np.array(self.missing_values, np.float64)
        mark = ord(self.decimal)
        row, starts, ends = 0, fields.starts[place], fields.ends[place]
        while True:
            row = read_numbers(fields.data, starts, ends, row, mark, tokens, gaps, values)
            if row == values.size:
                return values
            text = fields.text(place, row)
            values[row] = self._careful(text)
            if values[row] == INVALID:
                refuse(row, text)
            row += 1

    def _checked(self, numbers: Floats, refuse: Callable[[int, bytes], None]) -> Floats:
        """Return the numbers of a file that holds them as such."""
        values = numbers
        for gap in self.missing_values:
            values = np.where(values == gap, MISSING, values)
        infinite = np.isinf(values)
        if not infinite.any():
            return values
        for row in np.flatnonzero(infinite).tolist():
            refuse(row, str(values[row]).encode())
        return np.where(infinite, INVALID, values)

    def _careful(self, text: bytes) -> float:
        """Return the number in a cell that is no plain decimal."""
        if not is_number(np.frombuffer(text, np.uint8), 0, len(text), ord(self.decimal)):
            return INVALID
        value = float(text.replace(self.decimal.encode(), b"."))
        if value in self.missing_values:
            return MISSING
        return value if isfinite(value) else INVALID


@dataclass(frozen=True)
class Between:
    """Whether a number or a time lies from `low` to below `high`, or does not."""

    low: float
    high: float
    negated: bool = False

    def of(self, values: Floats | Integers) -> Bools:
        """Return of each value whether it holds."""
        found: Bools = (values >= self.low) & (values < self.high)
        return ~found if self.negated else found


@dataclass(frozen=True)
class OneOf:
    """Whether a field is one of some texts, or none of them."""

    place: int
    texts: tuple[bytes, ...]
    negated: bool

    def of(self, fields: Fields) -> Bools:
        """Return of each row whether it holds."""
        text = np.frombuffer(b"".join(self.texts) + bytes(PADDING), np.uint8)
        bounds = np.cumsum([0, *map(len, self.texts)], dtype=np.int64)
        starts, ends = fields.starts[self.place], fields.ends[self.place]
        found: Bools = is_one_of(fields.data, starts, ends, text, bounds)
        return ~found if self.negated else found


@dataclass(frozen=True)
class TimeColumn:
    """A column of times: its place among the fields, its layout as a program, what they must be."""

    place: int
    program: tuple[int, ...]
    conditions: tuple[Between, ...]

    def of(self, fields: Fields) -> Integers:
        """Return the times in seconds since 1970; NO_TIME where a cell is none."""
        seconds = np.empty(len(fields), np.int64)
        program = np.array(self.program, np.int64)
        starts, ends = fields.starts[self.place], fields.ends[self.place]
        read_times(fields.data, starts, ends, program, seconds)
        return seconds


@dataclass(frozen=True)
class KeyPart:
    """One column of a key.

    Attributes:
        place: Its place among the fields; -1 if it is none of them.
        time: Its index among the time columns; -1 if it is none.
        unit: The unit of time, by its index in UNITS; TEXT or CONSTANT if it is none.
        text: What stands for all rows, if it is a constant.

    """

    place: int = -1
    time: int = -1
    unit: int = TEXT
    text: bytes = b""


@dataclass(frozen=True)
class Selection:
    """What is made of the fields of a file.

    Attributes:
        names: The names of the fields, by place.
        numbers: The places of the number columns that are described.
        keys: The parts of a row's key; none where rows are not grouped.
        texts: Conditions on the text of fields.
        comparisons: Conditions on the numbers in fields, by place.
        times: The columns of times.
        cells: How numbers are read.
        valid_range: The least and the greatest value that counts, or None.
        skip_invalid: Whether rows and cells that cannot be read are counted and left out.
        numbers_only: Whether a column with a cell that is no number is given up, not refused.
        max_groups: How many groups there may be.
        max_rejects: How many cells and rows that are skipped are kept.
        encoding: The encoding of the texts in keys.
        refusals: How a row is refused.

    """

    names: tuple[str, ...]
    numbers: tuple[int, ...]
    keys: tuple[KeyPart, ...]
    texts: tuple[OneOf, ...]
    comparisons: tuple[tuple[int, Between], ...]
    times: tuple[TimeColumn, ...]
    cells: Numbers
    valid_range: tuple[float, float] | None
    skip_invalid: bool
    numbers_only: bool
    max_groups: int
    max_rejects: int
    encoding: str
    refusals: Refusals

    def refuse_number(
        self, fields: Fields, place: int, log: RejectLog
    ) -> Callable[[int, bytes], None]:
        """Return what refuses a cell that is no number or, where such are skipped, logs it."""

        def refuse(row: int, text: bytes) -> None:
            at, column = int(fields.rows[row]), self.names[place]
            if not self.skip_invalid:
                raise RefusedError(at, self.refusals.not_a_number(text, column))
            log.add(at, column, NO_NUMBER, text)

        return refuse

    def refuse_times(
        self, fields: Fields, column: TimeColumn, rows: Integers, log: RejectLog
    ) -> None:
        """Refuse the first of some `rows` whose cells are no times or, where skipped, log all."""
        name = self.names[column.place]
        for row in rows.tolist():
            at, text = int(fields.rows[row]), fields.text(column.place, row)
            if not self.skip_invalid:
                shown = text[:_SHOWN_BYTES].decode(errors="replace")
                raise RefusedError(
                    at,
                    f"has {shown!r} in column {name!r}, which is {NO_TIME_OF_LAYOUT}; is it "
                    "another one? --on-invalid skip leaves such rows out",
                )
            log.add(at, name, NO_TIME_OF_LAYOUT, text)
