"""A plain reader: the standard library's CSV reader and ``float``, over a file's whole text."""

from __future__ import annotations

import csv
import io
import math
import re
from dataclasses import dataclass

MISSING = frozenset(
    (
        *("", "<nil>", "<NA>", "NA", "N/A", "n/a", "NaN", "nan", "-NaN", "-nan", "NULL", "null"),
        *("None", "#N/A", "#N/A N/A", "#NA", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN"),
    )
)
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class Found:
    """A column's valid values in file order, and how many cells are missing or invalid."""

    values: list[float]
    missing: int
    invalid: int


def read_column(
    text: str, column: int, *, delimiter: str = ",", quote: str = '"', decimal: str = "."
) -> Found:
    """Read the column with index *column*; a row with other fields than the header is invalid.

    A blank line is an empty cell in a file of one column, and nothing in others.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quotechar=quote)
    header, *rows = reader
    values, missing, invalid = [], 0, 0
    for row in rows:
        if not row:
            missing += len(header) == 1
            continue
        cell = row[column].strip(" \t").replace(decimal, ".") if len(row) == len(header) else "no"
        if cell in MISSING:
            missing += 1
        elif NUMBER.fullmatch(cell) and math.isfinite(float(cell)):
            values.append(float(cell))
        else:
            invalid += 1
    return Found(values, missing, invalid)
