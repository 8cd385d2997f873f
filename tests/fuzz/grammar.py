"""CSV as this project understands it, in the plainest way: rows and fields, from the whole text.

A field that begins with the quote ends at the next quote that is not doubled; what follows up to
the delimiter is taken as it stands. Any other field ends at the delimiter. The delimiter and the
newline mean nothing within quotes, nor do quotes within an unquoted field.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

BLANKS = b" \t"


@dataclass(frozen=True)
class Marks:
    """The marks of a file, one byte each; `quote` may be empty."""

    delimiter: bytes
    quote: bytes
    newline: bytes

    @cached_property
    def fields(self) -> re.Pattern[bytes]:
        """A field: quoted text and what follows it, or plain text. An open quote is no match."""
        return _pattern(self.delimiter, self.quote, self.newline)


@lru_cache
def _pattern(delimiter: bytes, quote: bytes, newline: bytes) -> re.Pattern[bytes]:
    end = b"[^" + re.escape(delimiter) + re.escape(newline) + b"]*"
    if not quote:
        return re.compile(end)
    q = re.escape(quote)
    return re.compile(
        q + b"(?:[^" + q + b"]|" + q + q + b")*+" + q + end + b"|(?!" + q + b")" + end
    )


@dataclass(frozen=True)
class Row:
    """A row: where it begins, the fields as they stand, where the next one begins.

    `open` says that its last field has a quote that is never closed.
    """

    begin: int
    fields: list[bytes]
    after: int
    open: bool = False

    @property
    def is_blank(self) -> bool:
        return self.fields in ([b""], [b"\r"]) and not self.open

    @property
    def looks_blank(self) -> bool:
        """Whether a first look, which tells marks and names, passes it over."""
        return len(self.fields) == 1 and not self.fields[0].strip(b"\r") and not self.open


def rows(data: bytes, begin: int, marks: Marks) -> Iterator[Row]:
    """Yield the rows of a text from a byte on; the last one need not end with a newline."""
    at = begin
    while at < len(data):
        row = _row(data, at, marks)
        yield row
        at = row.after


def _row(data: bytes, begin: int, marks: Marks) -> Row:
    fields, at = [], begin
    while True:
        found = marks.fields.match(data, at)
        if not found:
            return Row(begin, [*fields, data[at:]], len(data), open=True)
        fields.append(found[0])
        at = found.end() + 1
        if data[found.end() : at] != marks.delimiter:
            return Row(begin, fields, min(at, len(data)))


def without_return(row: Row, marks: Marks) -> list[bytes]:
    """Return the fields without the one carriage return that may stand before a line feed."""
    *most, last = row.fields
    return [*most, last.removesuffix(b"\r") if marks.newline == b"\n" else last]


def content(field: bytes, quote: bytes) -> bytes:
    """Return what a field holds: without outer blanks and quotes; a doubled quote is one."""
    inner = field.strip(BLANKS)
    if quote and len(inner) > 1 and inner.startswith(quote) and inner.endswith(quote):
        inner = inner[1:-1].strip(BLANKS).replace(quote + quote, quote)
    return inner
