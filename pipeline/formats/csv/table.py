"""A CSV file, opened: its dialect, and where in it the column stands."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.errors import InputError
from pipeline.formats.csv.cells import CsvCells
from pipeline.formats.csv.decimals import is_number
from pipeline.formats.csv.dialect import Dialect, DialectOptions, detect
from pipeline.formats.csv.grammar import NO_BYTE, ByteDialect, row_at
from pipeline.formats.header import find, find_number
from pipeline.formats.missing import missing
from pipeline.formats.table import changed, open_same
from pipeline.numeric.intrinsics import WORD

if TYPE_CHECKING:
    from io import FileIO
    from pathlib import Path

    from pipeline.formats.partition import Partition
    from pipeline.formats.table import Problem, ReadOptions

_HEAD = 1 << 16
_LONGEST_HEADER = 1 << 24
_SHOWN = 60
_COUNTED_LINES = 1 << 28


@dataclass(frozen=True)
class CsvTable:
    """One column of one CSV file, and all that a worker needs to read any part of it."""

    path: Path
    size: int
    mtime_ns: int
    dialect: Dialect
    column: str
    form: ByteDialect
    begin: int
    tokens: bytes
    absent: tuple[float, ...]
    skip_invalid: bool

    @property
    def end(self) -> int:
        """The position behind the last row: positions in a CSV file are bytes."""
        return self.size

    def nbytes(self, partition: Partition) -> int:
        """Return how many bytes a partition has."""
        return partition.stop - partition.start

    def read(self, partition: Partition) -> CsvCells:
        """Return the column's cells in a partition, to be read."""
        return CsvCells(self, partition)

    @property
    def decimal(self) -> bytes:
        """The decimal mark as it stands in the file."""
        return self.dialect.decimal.encode()

    def open(self) -> FileIO:
        """Open the file unbuffered; refuse it when it is not the one that was looked at."""
        return open_same(self.path, self.size, self.mtime_ns)

    def changed(self) -> InputError:
        """Return the refusal of a file that changed under the run."""
        return changed(self.path)

    def sentence(self, problem: Problem) -> str:
        """Return the refusal of a row: where it stands, and why."""
        where = f"the row at byte {problem.offset}"
        if problem.offset < _COUNTED_LINES:
            with self.path.open("rb") as file:
                lines = file.read(problem.offset).count(self.dialect.newline.encode())
            where = f"line {lines + 1} (byte {problem.offset})"
        return f"{self.path}: {where} {problem.reason}"

    def ragged(self, fields: int) -> str:
        """Return why a row with `fields` fields is refused."""
        return (
            f"has {fields} field{'s' * (fields != 1)}, not {self.form.fields} like the first row; "
            "is the file cut off, or a mark wrong (--delimiter, --quote)? "
            "--on-invalid skip leaves such rows out"
        )

    def not_a_number(self, text: bytes) -> str:
        """Return why a cell with `text` is refused."""
        shown = text[:_SHOWN].decode(self.dialect.encoding, errors="replace")
        shown += "…" * (len(text) > _SHOWN)
        other_mark = "," if self.dialect.decimal == "." else "."
        if shown == self.column:
            reason = "no number, but the header again: were files concatenated?"
        elif _is_decimal(text, self.dialect.decimal):
            reason = "too large for a float64."
        elif _is_decimal(text, other_mark):
            reason = f"no number; is its decimal mark another one (--decimal {other_mark!r})?"
        else:
            reason = f"no number; is it a missing value (--missing {shown!r})?"
        return (
            f"has {shown!r} in column {self.column!r}, which is {reason} "
            "--on-invalid skip leaves such cells out"
        )


def open_csv(path: Path, reading: ReadOptions) -> tuple[CsvTable, list[str]]:
    """Look at the file's beginning; return the table and what the user should know of it.

    Raises InputError when the file cannot be read, is no CSV, or has no such column.
    """
    try:
        return _open(path, reading)
    except csv.Error as error:
        raise InputError(
            f"{path}: its first rows cannot be split into fields ({error}); "
            "is it CSV, with line ends of one kind?"
        ) from error


def _is_decimal(text: bytes, mark: str) -> bool:
    return bool(is_number(np.frombuffer(text, np.uint8), 0, len(text), ord(mark)))


def _open(path: Path, reading: ReadOptions) -> tuple[CsvTable, list[str]]:
    name = str(path)
    head, size, mtime_ns = _head(path)
    if not size:
        raise InputError(f"{name} is empty: it has not even a header")
    start = _after_lines(name, head, reading.skip_lines)
    dialect, bom = detect(name, head[start:] if start else head, reading.marks)
    start += bom
    notices = _notices(path, size, dialect, bom, reading.marks)
    form = ByteDialect(
        ord(dialect.delimiter),
        ord(dialect.quote) if dialect.quote else NO_BYTE,
        ord(dialect.newline),
        ord(dialect.decimal),
        0,
        0,
    )
    first, after = _first_row(name, head, start, dialect, form)
    number = _find(name, first, reading)
    column = first[number] if reading.header else str(number + 1)
    if reading.header and isinstance(reading.column, str) and column != reading.column:
        notices.append(f"column {column!r} taken for {reading.column!r}")
    tokens, absent = missing(reading.missing, dialect.decimal, dialect.encoding)
    table = CsvTable(
        path=path,
        size=size,
        mtime_ns=mtime_ns,
        dialect=dialect,
        column=column,
        form=form._replace(column=number, fields=len(first)),
        begin=min(after, size) if reading.header else start,
        tokens=tokens,
        absent=absent,
        skip_invalid=reading.on_invalid == "skip",
    )
    if table.begin >= size:
        notices.append("the file has a header and no rows")
    return table, notices


def _head(path: Path) -> tuple[bytes, int, int]:
    """Return the file's first bytes, at least its first line, with its size and time."""
    try:
        with path.open("rb", buffering=0) as file:
            status = os.fstat(file.fileno())
            head = file.read(_HEAD)
            while len(head) < min(status.st_size, _LONGEST_HEADER) and not (
                b"\n" in head or b"\r" in head
            ):
                head += file.read(len(head))
    except FileNotFoundError:
        raise InputError(
            f"{path} is not there; make a sample of that name with: "
            f"python -m pipeline.sample {path} --rows 1000000"
        ) from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    return head, status.st_size, status.st_mtime_ns


def _after_lines(name: str, head: bytes, lines: int) -> int:
    """Return where the text after a preamble of `lines` lines begins."""
    newline = b"\n" if b"\n" in head else b"\r"
    position = 0
    for _ in range(lines):
        position = head.find(newline, position) + 1
        if not position:
            raise InputError(f"{name} has no text after the {lines} lines that --skip-lines names")
    return position


def _notices(path: Path, size: int, dialect: Dialect, bom: int, marks: DialectOptions) -> list[str]:
    notices = []
    if bom:
        notices.append("the file begins with a UTF-8 mark, which is skipped")
    if marks.delimiter is None and dialect.delimiter != ",":
        notices.append(f"fields are delimited by {dialect.delimiter!r}")
    if dialect.newline == "\r":
        notices.append("lines end with a carriage return alone")
    with path.open("rb", buffering=0) as file:
        file.seek(size - 1)
        if file.read(1) != dialect.newline.encode():
            notices.append("the file does not end with a line end; its last row is taken as whole")
    return notices


def _first_row(
    name: str, head: bytes, start: int, dialect: Dialect, form: ByteDialect
) -> tuple[list[str], int]:
    """Return the fields of the first row that is not blank, and where the next row begins."""
    data = np.frombuffer(head + dialect.newline.encode() + bytes(WORD), np.uint8)
    stop = len(head) + 1
    while start < stop:
        end = row_at(data, start, stop, form)[0]
        if end < 0:
            raise InputError(f"{name}: a quote that opens in the first row is never closed")
        text = head[start:end].decode(dialect.encoding, errors="replace")
        if text.strip("\r"):
            return dialect.rows(text)[0], end + 1
        start = end + 1
    raise InputError(f"{name} has only blank lines")


def _find(name: str, first: list[str], reading: ReadOptions) -> int:
    """Return the index of the column that the user names."""
    if not reading.header or isinstance(reading.column, int):
        return find_number(name, first, reading.column)
    remedy = "name one by its number: --skip-lines 1 --no-header --column NUMBER"
    return find(name, first, reading.column, remedy)
