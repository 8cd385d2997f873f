"""Arrow tables as results are written: texts of CSV, or columns that any program can read.

Texts are bytes in them, as they were found; what is undefined is null.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.numeric.arrays import Bytes

_MARKS = (b",", b'"', b"\r", b"\n")
"""A cell that holds one of them needs quotes."""

_LEAST_PLAIN, _MOST_PLAIN = 1e-4, 1e16
"""Python writes the numbers between without an exponent."""


def header_line(names: Sequence[str]) -> bytes:
    """Return the first line of a CSV file with columns of these names."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(names)
    return text.getvalue().encode("utf-8", "surrogateescape")


def lines(rows: pa.Table) -> bytes:
    """Return the rows as lines of CSV; null is empty, numbers are as Python writes them."""
    cells = [_spelled(column.combine_chunks()) for column in rows.columns]
    joined = pc.binary_join_element_wise(
        *cells, b",", null_handling="replace", null_replacement=b""
    )
    return _text(pc.binary_join_element_wise(joined, b"", b"\n")).tobytes()


def _text(cells: pa.Array) -> Bytes:
    """Return all texts of some cells, one after the other."""
    if not len(cells):
        return np.empty(0, np.uint8)
    _, offsets, text = cells.buffers()
    first, last = np.frombuffer(offsets, np.int32)[[cells.offset, cells.offset + len(cells)]]
    return np.frombuffer(text or b"", np.uint8)[first:last]


def readable(rows: pa.Table) -> pa.Table:
    """Return the rows with texts in place of bytes, and a question mark for what is not UTF-8."""
    columns = [_readable(column.combine_chunks()) for column in rows.columns]
    return pa.Table.from_arrays(columns, rows.column_names)


def _readable(cells: pa.Array) -> pa.Array:
    """Return bytes as text; numbers as they are."""
    if not pa.types.is_binary(cells.type):
        return cells
    texts = (text.decode("utf-8", "surrogateescape") for text in cells.to_pylist())
    return pa.array([text.encode("utf-8", "replace").decode() for text in texts], pa.string())


def _spelled(cells: pa.Array) -> pa.Array:
    """Return cells as texts of CSV, numbers as Python writes them."""
    if pa.types.is_binary(cells.type):
        if not any(mark in bytes(_text(cells)) for mark in _MARKS):
            return cells
        return pa.array([_quoted(text) for text in cells.to_pylist()], pa.binary())
    texts = pc.cast(cells, pa.string())
    if pa.types.is_floating(cells.type):
        numbers = cells.to_numpy(zero_copy_only=False)
        sizes = np.abs(numbers)
        odd = (sizes >= _MOST_PLAIN) | ((sizes < _LEAST_PLAIN) & (sizes > 0))
        if b"e" in bytes(_text(texts)):
            no = pa.scalar(value=False)
            odd |= pc.match_substring(texts, "e").fill_null(no).to_numpy(zero_copy_only=False)
        whole = (sizes == np.floor(sizes)) & ~odd
        ended = pc.binary_join_element_wise(texts.filter(pa.array(whole)), "0", ".")
        texts = pc.replace_with_mask(texts, pa.array(whole), ended)
        plain = pa.array([repr(number) for number in numbers[odd].tolist()], pa.string())
        texts = pc.replace_with_mask(texts, pa.array(odd), plain)
    return texts.cast(pa.binary())


def _quoted(text: bytes) -> bytes:
    """Return a cell of CSV, in quotes where it needs them."""
    if any(mark in text for mark in _MARKS):
        return b'"' + text.replace(b'"', b'""') + b'"'
    return text
