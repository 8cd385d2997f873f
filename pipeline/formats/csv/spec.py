"""What reading the cells of a CSV file needs to know of it, and how it refuses a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.formats.csv.decimals import is_number

if TYPE_CHECKING:
    from pipeline.formats.csv.dialect import Dialect
    from pipeline.formats.csv.grammar import ByteDialect
    from pipeline.formats.text_file import TextFile

LONGEST_ROW_BYTES = 64 << 20
"""A row that is longer is refused: as a rule, a quote in it is never closed."""

_SHOWN_BYTES = 60


@dataclass(frozen=True)
class CsvSpec:
    """One column of one CSV file, as its cells are read.

    Fields:
        source: the file as it was when the header was read.
        dialect: how the file is written.
        column: the column's name in the header, or its number, from 1, without one.
        byte_dialect: dialect, place of the column and number of fields, as the kernels take them.
        missing_tokens: the spellings of a missing cell, each after a byte that holds its length.
        missing_values: the numbers that stand for a missing cell.
        skip_invalid: whether invalid cells and rows are counted and left out, or refused.
        longest_row: how many bytes a row may have without its newline. Default: LONGEST_ROW_BYTES.

    """

    source: TextFile
    dialect: Dialect
    column: str
    byte_dialect: ByteDialect
    missing_tokens: bytes
    missing_values: tuple[float, ...]
    skip_invalid: bool
    longest_row: int = LONGEST_ROW_BYTES

    def number(self, text: bytes) -> float:
        """Return the float64 nearest to a decimal number in any spelling, as it is in the file."""
        return float(text.replace(self.dialect.decimal.encode(), b"."))

    def ragged(self, fields: int) -> str:
        """Return why a row with `fields` fields is refused."""
        return (
            f"has {fields} field{'s' * (fields != 1)}, not {self.byte_dialect.fields} like the "
            "first row; is the file cut off, or a mark wrong (--delimiter, --quote)? "
            "--on-invalid skip leaves such rows out"
        )

    def too_long(self) -> str:
        """Return why a row is refused that is longer than the longest."""
        return (
            f"is longer than {self.longest_row / (1 << 20):g} MiB; is a quote in it never closed?"
        )

    def not_a_number(self, text: bytes, column: str = "") -> str:
        """Return why a row is refused in which the cell of a column, or of this one, is `text`."""
        column = column or self.column
        shown = text[:_SHOWN_BYTES].decode(self.dialect.encoding, errors="replace")
        shown += "…" * (len(text) > _SHOWN_BYTES)
        other_mark = "," if self.dialect.decimal == "." else "."
        if shown == column:
            reason = "no number, but the header again: were files concatenated?"
        elif _is_decimal(text, self.dialect.decimal):
            reason = "too large for a float64."
        elif _is_decimal(text, other_mark):
            reason = f"no number; is its decimal mark another one (--decimal {other_mark!r})?"
        else:
            reason = f"no number; is it a missing value (--missing {shown!r})?"
        return (
            f"has {shown!r} in column {column!r}, which is {reason} "
            "--on-invalid skip leaves such cells out"
        )


def _is_decimal(text: bytes, mark: str) -> bool:
    return bool(is_number(np.frombuffer(text, np.uint8), 0, len(text), ord(mark)))
