"""The slow reader's first look at a CSV file: its marks, its header, or a refusal."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.fuzz.answers import Refusal
from tests.fuzz.grammar import Marks, Row, rows, without_return

if TYPE_CHECKING:
    from tests.fuzz.case import Options

ENCODINGS = {"utf-8", "latin-1", "cp1252", "ascii", "iso8859-15"}
"""Those of the encodings in the fuzzer's cases that can be read."""

DELIMITERS = (b",", b";", b"\t", b"|")
SAMPLE_BYTES = 1 << 16
SAMPLE_ROWS = 50
"""What the delimiter is found in."""

MAGIC = {
    "encoding": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE),
    "compressed": (b"\x1f\x8b", b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ\0", b"BZh"),
}


class RefusedError(Exception):
    """A file that must be refused."""

    def __init__(self, kind: str) -> None:
        """Take the kind of reason."""
        super().__init__(kind)
        self.refusal = Refusal(kind)


@dataclass(frozen=True)
class Look:
    """What the first look tells: the marks, the names of the columns, where the rows begin."""

    marks: Marks
    names: list[str]
    begin: int
    header: bool

    def find(self, wanted: str | int) -> int:
        """Return the index of a column; raise RefusedError unless there is exactly one."""
        if isinstance(wanted, int) or not self.header:
            if not re.fullmatch("[0-9]+", str(wanted)) or not 1 <= int(wanted) <= len(self.names):
                raise RefusedError("column")
            return int(wanted) - 1
        found = [i for i, name in enumerate(self.names) if name == wanted]
        loose = [
            i for i, name in enumerate(self.names) if name.strip().casefold() == wanted.casefold()
        ]
        if len(found or loose) != 1:
            raise RefusedError("column")
        return (found or loose)[0]


def look(data: bytes, options: Options) -> Look:
    """Look at a file's first rows; raise RefusedError for what cannot be read."""
    marks = [options.delimiter, options.decimal, options.quote]
    given = [mark for mark in marks if mark is not None]
    if options.encoding not in ENCODINGS or not all(map(_is_mark, given)):
        raise RefusedError("options")
    if len(set(given)) < len(given):
        raise RefusedError("options")
    if not data:
        raise RefusedError("empty")
    if data.startswith(MAGIC["compressed"]):
        raise RefusedError("compressed")
    start = _after_lines(data, options.skip_lines)
    head = data[start:]
    for kind, magic in MAGIC.items():
        if head.startswith(magic):
            raise RefusedError(kind)
    if b"\0" in head.split(b"\n")[0]:
        raise RefusedError("nul")
    start += 3 * head.startswith(codecs.BOM_UTF8)
    newline = b"\r" if b"\r" in head and b"\n" not in head else b"\n"
    quote = (options.quote or "").encode()
    delimiter = (options.delimiter or "").encode() or _delimiter(data[start:], options, newline)
    found = Marks(delimiter, quote, newline)
    first = _first_row(data, start, found)
    names = [
        content_of_name(field.rstrip(b"\r"), quote).decode(options.encoding, "replace")
        for field in without_return(first, found)
    ]
    return Look(found, names, first.after if options.header else start, options.header)


def content_of_name(field: bytes, quote: bytes) -> bytes:
    """Return the name in a field of the header: blanks belong to it."""
    if not (quote and field.startswith(quote)):
        return field
    q = re.escape(quote)
    quoted = re.match(q + b"((?:[^" + q + b"]|" + q + q + b")*+)" + q, field)
    assert quoted
    return quoted[1].replace(quote * 2, quote) + field[quoted.end() :]


def _is_mark(mark: str) -> bool:
    return len(mark) == 1 and mark.isascii() and not mark.isalnum() and mark not in "\r\n\0"


def _after_lines(data: bytes, lines: int) -> int:
    newline = b"\n" if b"\n" in data else b"\r"
    parts = data.split(newline)
    if lines >= len(parts):
        raise RefusedError("lines")
    return sum(len(part) + 1 for part in parts[:lines])


def _delimiter(head: bytes, options: Options, newline: bytes) -> bytes:
    """Return the one delimiter that gives the first rows, but for one, equally many fields."""
    head = head[:SAMPLE_BYTES]
    whole = head[: head.rfind(newline) + 1] or head
    taken = (options.decimal.encode(), (options.quote or "").encode())
    free = [mark for mark in DELIMITERS if mark not in taken]
    always, nearly = [], []
    for mark in free:
        sample = rows(whole, 0, Marks(mark, taken[1], newline))
        widths = [len(row.fields) for row in sample if not row.looks_blank][:SAMPLE_ROWS]
        others = sum(width != widths[0] for width in widths)
        if widths and widths[0] > 1 and others < 2:
            nearly.append(mark)
            always += [] if others else [mark]
    sure = always or nearly
    if len(sure) > 1:
        raise RefusedError("doubt")
    return sure[0] if sure else free[0]


def _first_row(data: bytes, start: int, marks: Marks) -> Row:
    for row in rows(data, start, marks):
        if row.open:
            raise RefusedError("quote")
        if not row.looks_blank:
            return row
    raise RefusedError("blank")
