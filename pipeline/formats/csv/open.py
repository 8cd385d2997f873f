"""The first look at a CSV file: its dialect, its header, and where its rows begin."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.errors import InputError
from pipeline.formats.bind import Header, bind
from pipeline.formats.compressed.file import find_compression
from pipeline.formats.csv.dialect import Dialect, DialectOptions, detect
from pipeline.formats.csv.grammar import ByteDialect, row_at
from pipeline.formats.csv.index import PADDING
from pipeline.formats.csv.spec import CsvSpec
from pipeline.formats.csv.table import CsvTable
from pipeline.formats.file import SourceFile, first_look
from pipeline.formats.header import find_column
from pipeline.formats.missing import Missing, find_missing
from pipeline.formats.selected import SelectedTable
from pipeline.formats.selection import Numbers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pipeline.formats.query import Query
    from pipeline.formats.read_options import ReadOptions
    from pipeline.formats.text_file import OpenText, TextFile

_HEAD_BYTES = 1 << 16
_LONGEST_HEADER_BYTES = 1 << 24
_PARQUET = b"PAR1"


@dataclass(frozen=True)
class _Look:
    """What the first look at a file tells: all but the column. `notices` grow as columns are found.

    `first` has the fields of the first row, `begin` is where the first row of values begins.
    """

    source: TextFile
    options: ReadOptions
    dialect: Dialect
    first: list[str]
    begin: int
    missing: Missing
    notices: list[str]

    @property
    def names(self) -> list[str]:
        """The names of the columns; their numbers, from 1, where there is no header."""
        numbers = [str(i + 1) for i in range(len(self.first))]
        return self.first if self.options.header else numbers

    def find(self, wanted: str | int) -> int:
        """Return the index of the column `wanted`; raise InputError when there is none."""
        remedy = "name one by its number: --skip-lines 1 --no-header --column NUMBER"
        header = self.options.header
        index = find_column(str(self.source.path), self.first, wanted, remedy, header=header)
        if header and isinstance(wanted, str) and self.first[index] != wanted:
            self.notices.append(f"column {self.first[index]!r} taken for {wanted!r}")
        return index

    def table(self, index: int) -> CsvTable:
        """Return the column with an index as a table."""
        spec = CsvSpec(
            source=self.source,
            dialect=self.dialect,
            column=self.names[index],
            byte_dialect=ByteDialect.of(self.dialect, column=index, fields=len(self.first)),
            missing_tokens=self.missing.tokens,
            missing_values=self.missing.values,
            skip_invalid=self.options.on_invalid == "skip",
        )
        return CsvTable(spec, self.begin)


def open_csv(path: Path, options: ReadOptions) -> tuple[CsvTable, list[str]]:
    """Look at the file at `path`; return the table, and sentences that the user should read of it.

    Raises InputError when the file cannot be read, is no CSV, or has no such column.
    """
    tables, notices = open_csv_columns(path, options, [options.column])
    return tables[0], notices


def open_csv_columns(
    path: Path, options: ReadOptions, columns: Sequence[str | int]
) -> tuple[list[CsvTable], list[str]]:
    """Look once at the file at `path`, for several columns: a table for each, in their order.

    `columns` are names or numbers, as `options.column` is, which does not count here. Returns and
    raises as `open_csv` does.
    """
    look = _look(path, options)
    tables = [look.table(look.find(wanted)) for wanted in columns]
    return tables, _all_notices(look)


def open_csv_rows(
    path: Path, options: ReadOptions, query: Query
) -> tuple[SelectedTable, list[str]]:
    """Look once at the file at `path`, for what a query reads of it; returns as `open_csv` does.

    The column of `options` does not count. Raises as `open_csv` and `formats.bind.bind` do.
    """
    look = _look(path, options)
    header = Header(
        path.name, look.names, look.find, look.dialect.encoding, numbered=not options.header
    )
    numbers = Numbers(look.dialect.decimal, look.missing.tokens, look.missing.values)
    table = look.table(0)
    skip = options.on_invalid == "skip"
    fields, selection = bind(query, header, numbers, table.spec, skip_invalid=skip)
    names = tuple(key.name for key in query.by)
    return SelectedTable(table, fields, selection, names), _all_notices(look)


def _all_notices(look: _Look) -> list[str]:
    size = look.source.text_size
    empty = ["the file has a header and no rows"] if size and look.begin >= size else []
    return list(dict.fromkeys(look.notices + empty))


def _look(path: Path, options: ReadOptions) -> _Look:
    remedy = f"make a sample of that name with: python -m pipeline.sample {path} --rows 1000000"
    try:
        with first_look(path, remedy) as file:
            source = SourceFile.of(path, file)
            compressed = find_compression(source, file)
            if compressed is None:
                return _look_into(source, file, options)
            with compressed.reading() as text:
                return _look_into(compressed, text, options)
    except csv.Error as error:
        raise InputError(
            f"{path}: its first rows cannot be split into fields ({error}); "
            "is it CSV, with line ends of one kind?"
        ) from error


def _look_into(source: TextFile, file: OpenText, options: ReadOptions) -> _Look:
    name = str(source.path)
    head, size = _head(file), source.text_size
    if not head:
        raise InputError(f"{name} is empty: it has not even a header; is its copy complete?")
    if head.startswith(_PARQUET) and size is None:
        raise InputError(
            f"{name} is a compressed Parquet file, which is compressed inside already; unpack it, "
            "and give it a name that ends with .parquet"
        )
    start = _after_lines(name, head, options.skip_lines)
    dialect, bom = detect(name, head[start:], options.dialect)
    start += bom
    last = None if size is None else _last_byte(file, size)
    notices = _notices(last, dialect, bom, options.dialect)
    first, after = _first_row(name, head, start, dialect)
    begin = min(after, size or after) if options.header else start
    missing = find_missing(options.missing, dialect.decimal, dialect.encoding)
    return _Look(source, options, dialect, first, begin, missing, notices)


def _head(file: OpenText) -> bytes:
    """Return the first bytes of a text, at least its first line."""
    head = file.read(_HEAD_BYTES)
    while 0 < len(head) < _LONGEST_HEADER_BYTES and not (b"\n" in head or b"\r" in head):
        more = file.read(len(head))
        if not more:
            break
        head += more
    return head


def _last_byte(file: OpenText, size: int) -> bytes:
    file.seek(size - 1)
    return file.read(1)


def _after_lines(name: str, head: bytes, lines: int) -> int:
    """Return where the text after a preamble of `lines` lines begins."""
    newline = b"\n" if b"\n" in head else b"\r"
    position = 0
    for _ in range(lines):
        position = head.find(newline, position) + 1
        if not position:
            raise InputError(
                f"{name} has no text after the {lines} lines that --skip-lines names; name fewer"
            )
    return position


def _notices(last: bytes | None, dialect: Dialect, bom: int, given: DialectOptions) -> list[str]:
    """Return what the user should know of a file with this last byte and a mark of `bom` bytes.

    `last` is None where it is not known.
    """
    notices = []
    if bom:
        notices.append("the file begins with a UTF-8 mark, which is skipped")
    if given.delimiter is None and dialect.delimiter != ",":
        notices.append(f"fields are delimited by {dialect.delimiter!r}")
    if dialect.newline == "\r":
        notices.append("lines end with a carriage return alone")
    if last is not None and last != dialect.newline.encode():
        notices.append("the file does not end with a line end; its last row is taken as whole")
    return notices


def _first_row(name: str, head: bytes, start: int, dialect: Dialect) -> tuple[list[str], int]:
    """Return the fields of the first row that is not blank, and where the next row begins."""
    data = np.frombuffer(head + dialect.newline.encode() + bytes(PADDING), np.uint8)
    stop = len(head) + 1
    in_bytes = ByteDialect.of(dialect, column=0, fields=0)
    while start < stop:
        end = row_at(data, start, stop, in_bytes).end
        if end < 0:
            raise InputError(
                f"{name}: a quote that opens in the first row is never closed; "
                "is the mark another one (--quote)?"
            )
        text = head[start:end].decode(dialect.encoding, errors="replace")
        if text.strip("\r"):
            return dialect.fields(text), end + 1
        start = end + 1
    raise InputError(f"{name} has only blank lines; is it the right file?")
