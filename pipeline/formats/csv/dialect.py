"""The dialect of a CSV file: what the user says of it, and what its first bytes tell."""

from __future__ import annotations

import codecs
import csv
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from pipeline.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_ROWS = 50
_ASCII_SIZE = 128
_BOMS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_COMPRESSED = {
    b"\x1f\x8b": ("gzip", "gunzip"),
    b"PK\x03\x04": ("zip", "unzip"),
    b"\x28\xb5\x2f\xfd": ("zstd", "unzstd"),
    b"\xfd7zXZ\x00": ("xz", "unxz"),
    b"BZh": ("bzip2", "bunzip2"),
}
_SPOKEN = {"\t": "tab", "\n": "line feed", "\r": "carriage return"}


@dataclass(frozen=True)
class DialectOptions:
    """How the user says that a CSV file is written. Marks are single ASCII characters.

    Fields:
        delimiter: what stands between fields. Default: None, found in the file's first rows.
        decimal: the decimal mark. Default: a point.
        quote: what stands around fields that hold marks or line ends; None where nothing does.
            Default: a double quote.
        encoding: UTF-8, or an encoding of one byte a character that extends ASCII. Default: UTF-8.

    Raises:
        InputError: a mark is longer, a letter, a digit or a line end; two marks are the same; the
            encoding is unknown or no extension of ASCII.

    """

    delimiter: str | None = None
    decimal: str = "."
    quote: str | None = '"'
    encoding: str = "utf-8"

    def __post_init__(self) -> None:
        """Refuse marks that cannot work, or not together."""
        for name, mark in (
            ("delimiter", self.delimiter),
            ("decimal", self.decimal),
            ("quote", self.quote),
        ):
            if mark is not None:
                _check_mark(name, mark)
        marks = [mark for mark in (self.delimiter, self.decimal, self.quote) if mark]
        if len(set(marks)) < len(marks):
            raise InputError(
                f"delimiter, decimal and quote must differ, but are {', '.join(map(repr, marks))}"
            )
        _check_encoding(self.encoding)


@dataclass(frozen=True)
class Dialect(DialectOptions):
    """How a CSV file is written, with nothing left open: the options, and what was found out.

    `newline` is what ends a row: a line feed, which a carriage return may precede, or a carriage
    return alone.
    """

    delimiter: str = ","
    newline: str = "\n"

    def fields(self, row: str) -> list[str]:
        """Split the text of one row, which is not blank, into fields.

        Raises csv.Error for text that is no CSV.
        """
        return next(_reader([row.removesuffix("\r") + "\n"], self.delimiter, self.quote))


def detect(name: str, head: bytes, options: DialectOptions) -> tuple[Dialect, int]:
    """Return the dialect of the file `name`, and how many bytes its UTF-8 mark (BOM) has: 3 or 0.

    `head` are the bytes from the first line that counts, `options` what the user says. Raises
    InputError for what is no text, is compressed, and where the delimiter is in doubt.
    """
    _refuse_other_formats(name, head)
    bom = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
    newline = "\r" if b"\r" in head and b"\n" not in head else "\n"
    text = head[bom:].decode(options.encoding, errors="replace")
    delimiter = options.delimiter or _delimiter(name, text, options, newline)
    dialect = Dialect(delimiter, options.decimal, options.quote, options.encoding, newline)
    return dialect, bom


def _refuse_other_formats(name: str, head: bytes) -> None:
    for bom, encoding in _BOMS.items():
        if head.startswith(bom):
            raise InputError(
                f"{name} is {encoding}, which cannot be read in parts; "
                f"convert it first: iconv -f {encoding} -t UTF-8"
            )
    for magic, (kind, command) in _COMPRESSED.items():
        if head.startswith(magic):
            raise InputError(
                f"{name} is {kind}-compressed behind what was skipped, or twice; "
                f"unpack it first: {command}"
            )
    if b"\0" in head.split(b"\n", 1)[0]:
        raise InputError(
            f"{name} has NUL bytes in its first line: it is no text, or UTF-16 without a mark; "
            "if so, convert it first: iconv -f UTF-16LE -t UTF-8"
        )


def _delimiter(name: str, text: str, options: DialectOptions, newline: str) -> str:
    """Return the one delimiter that cuts the first rows into equally many fields."""
    lines = text.split(newline)
    whole = newline.join(lines[:-1] if len(lines) > 1 else lines)
    free = [mark for mark in _DELIMITERS if mark not in (options.decimal, options.quote)]
    likely = []
    for delimiter in free:
        rows = islice(_rows(whole, delimiter, options.quote, newline), _SAMPLE_ROWS)
        widths = [len(row) for row in rows if row]
        if widths and widths[0] > 1 and widths.count(widths[0]) >= len(widths) - 1:
            likely.append((widths.count(widths[0]) == len(widths), delimiter))
    sure = [delimiter for always, delimiter in likely if always] or [mark for _, mark in likely]
    if len(sure) > 1:
        names = " or ".join(_SPOKEN.get(mark, mark) for mark in sure)
        raise InputError(
            f"{name}: its fields may be delimited by {names}; say which with --delimiter"
        )
    return sure[0] if sure else free[0]


def _rows(text: str, delimiter: str, quote: str | None, newline: str) -> Iterator[list[str]]:
    lines = text.replace("\0", " ").split(newline)
    return _reader((line.removesuffix("\r") + "\n" for line in lines if line), delimiter, quote)


def _reader(lines: Iterable[str], delimiter: str, quote: str | None) -> Iterator[list[str]]:
    return csv.reader(
        lines,
        delimiter=delimiter,
        quotechar=quote or '"',
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
    )


def _check_mark(name: str, mark: str) -> None:
    if len(mark) != 1 or ord(mark) >= _ASCII_SIZE or mark in "\r\n\0" or mark.isalnum():
        raise InputError(
            f"--{name} must be one ASCII character that is no letter, digit or line end, "
            f"not {mark!r}"
        )


def _check_encoding(encoding: str) -> None:
    """Refuse encodings in which a byte below 128 may be anything but that ASCII character."""
    try:
        plain = all(bytes([i]).decode(encoding) == chr(i) for i in range(_ASCII_SIZE))
        alone = codecs.lookup(encoding).name == "utf-8" or not any(
            len(bytes([i, ord("A")]).decode(encoding, errors="replace")) == 1
            for i in range(_ASCII_SIZE, 256)
        )
    except (LookupError, UnicodeError):
        plain = alone = False
    if not (plain and alone):
        raise InputError(
            f"encoding {encoding!r} is unknown or not an extension of ASCII; "
            "convert the file first: iconv -t UTF-8"
        )
