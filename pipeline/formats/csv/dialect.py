"""The dialect of a CSV file: its marks, and what its first bytes tell about them."""

from __future__ import annotations

import codecs
import csv
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from pipeline.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_ROWS = 50
_ASCII = 128
_BOMS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_FORMATS = {
    b"\x1f\x8b": ("gzip", "gunzip"),
    b"PK\x03\x04": ("zip", "unzip"),
    b"\x28\xb5\x2f\xfd": ("zstd", "unzstd"),
    b"\xfd7zXZ\x00": ("xz", "unxz"),
    b"BZh": ("bzip2", "bunzip2"),
}
_NAMES = {"\t": "tab", "\n": "line feed", "\r": "carriage return"}


@dataclass(frozen=True)
class Dialect:
    """How a file is written: marks of one character (no `quote`: no quoting), and encoding."""

    delimiter: str
    quote: str | None
    decimal: str
    encoding: str
    newline: str

    def rows(self, text: str) -> list[list[str]]:
        """Split the text of whole rows into fields."""
        return list(_rows(text, self.delimiter, self.quote, self.newline))


@dataclass(frozen=True)
class DialectOptions:
    """What the user says of a file; `delimiter` None is found out."""

    delimiter: str | None = None
    decimal: str = "."
    quote: str | None = '"'
    encoding: str = "utf-8"

    def __post_init__(self) -> None:
        """Refuse marks that cannot work, or not together."""
        for name, mark in (("delimiter", self.delimiter), ("decimal", self.decimal)):
            _check_mark(name, mark)
        _check_mark("quote", self.quote)
        marks = [mark for mark in (self.delimiter, self.decimal, self.quote) if mark]
        if len(set(marks)) < len(marks):
            raise InputError(
                f"delimiter, decimal and quote must differ, but are {', '.join(map(repr, marks))}"
            )
        _check_encoding(self.encoding)


def detect(name: str, head: bytes, marks: DialectOptions) -> tuple[Dialect, int]:
    """Return the dialect of a file called `name` that begins with `head`, and its BOM's size.

    Raises InputError for what is no text, and where the delimiter is in doubt.
    """
    _refuse_other_formats(name, head)
    bom = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
    newline = "\r" if b"\r" in head and b"\n" not in head else "\n"
    text = head[bom:].decode(marks.encoding, errors="replace")
    delimiter = marks.delimiter or _delimiter(name, text, marks, newline)
    return Dialect(delimiter, marks.quote, marks.decimal, marks.encoding, newline), bom


def _refuse_other_formats(name: str, head: bytes) -> None:
    for bom, encoding in _BOMS.items():
        if head.startswith(bom):
            raise InputError(
                f"{name} is {encoding}, which cannot be read in parts; "
                f"convert it first: iconv -f {encoding} -t UTF-8"
            )
    for magic, (kind, command) in _FORMATS.items():
        if head.startswith(magic):
            raise InputError(
                f"{name} is {kind}-compressed, which cannot be read in parts; "
                f"unpack it first: {command}"
            )
    if b"\0" in head.split(b"\n", 1)[0]:
        raise InputError(
            f"{name} has NUL bytes in its first line: it is no text, or UTF-16 without a mark; "
            "if so, convert it first: iconv -f UTF-16LE -t UTF-8"
        )


def _delimiter(name: str, text: str, marks: DialectOptions, newline: str) -> str:
    """Return the one delimiter that cuts the first rows into equally many fields."""
    lines = text.split(newline)
    whole = newline.join(lines[:-1] if len(lines) > 1 else lines)
    likely = []
    for delimiter in _DELIMITERS:
        if delimiter in (marks.decimal, marks.quote):
            continue
        rows = islice(_rows(whole, delimiter, marks.quote, newline), _SAMPLE_ROWS)
        widths = [len(row) for row in rows if row]
        if widths and widths[0] > 1 and widths.count(widths[0]) >= len(widths) - 1:
            likely.append((widths.count(widths[0]) == len(widths), delimiter))
    sure = [delimiter for always, delimiter in likely if always] or [mark for _, mark in likely]
    if len(sure) > 1:
        names = " or ".join(_NAMES.get(mark, mark) for mark in sure)
        raise InputError(
            f"{name}: its fields may be delimited by {names}; say which with --delimiter"
        )
    return (
        sure[0] if sure else next(m for m in _DELIMITERS if m not in (marks.decimal, marks.quote))
    )


def _rows(text: str, delimiter: str, quote: str | None, newline: str) -> Iterator[list[str]]:
    lines = text.replace("\0", " ").split(newline)
    return csv.reader(
        (line.removesuffix("\r") + "\n" for line in lines if line),
        delimiter=delimiter,
        quotechar=quote or '"',
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
    )


def _check_mark(name: str, mark: str | None) -> None:
    if mark is None:
        return
    if len(mark) != 1 or ord(mark) >= _ASCII or mark in "\r\n\0" or mark.isalnum():
        raise InputError(
            f"--{name} must be one ASCII character, no letter, digit or line end; not {mark!r}"
        )


def _check_encoding(encoding: str) -> None:
    """Refuse encodings in which a byte below 128 may be anything but that ASCII character."""
    try:
        plain = all(bytes([i]).decode(encoding) == chr(i) for i in range(_ASCII))
        alone = codecs.lookup(encoding).name == "utf-8" or not any(
            len(bytes([i, ord("A")]).decode(encoding, errors="replace")) == 1
            for i in range(_ASCII, 256)
        )
    except (LookupError, UnicodeDecodeError):
        plain = alone = False
    if not (plain and alone):
        raise InputError(
            f"encoding {encoding!r} is unknown or not an extension of ASCII; "
            "convert the file first: iconv -t UTF-8"
        )
