"""Arrow tables as results are written: texts of CSV, or columns that any program can read.

Texts are bytes in them, as they were found; what is undefined is null.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.numeric.slices import bounds_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.numeric.arrays import Bools, Bytes, Floats, Integers

_MARKS = (b",", b'"', b"\r", b"\n")
"""A cell that holds one of them needs quotes."""

_EXPONENT = ord("e")
_LEAST_PLAIN, _MOST_PLAIN = 1e-4, 1e16
"""Python writes the numbers between without an exponent."""


def array(numbers: Floats | Integers | Bools) -> pa.Array:
    """Return numbers, or whether something holds, as Arrow's; NaN is null.

    Arrow's own ways from Python's values to its own import pandas.
    """
    known = numbers == numbers  # noqa: PLR0124 - NaN is not
    valid = None if known.all() else _bits(known)
    data = _bits(numbers) if numbers.dtype == np.bool_ else pa.py_buffer(numbers.copy())
    kind = pa.from_numpy_dtype(numbers.dtype)
    return pa.Array.from_buffers(kind, numbers.size, [valid, data])


def _bits(flags: Any) -> pa.Buffer:
    return pa.py_buffer(np.packbits(flags, bitorder="little"))


def texts_at(text: Bytes | bytes, bounds: Integers, kind: pa.DataType) -> pa.Array:
    """Return the texts in `text`, each between its `bounds`, as Arrow's, of a `kind`."""
    buffers = [None, pa.py_buffer(bounds.astype(np.int32)), pa.py_buffer(text)]
    return pa.Array.from_buffers(kind, bounds.size - 1, buffers)


def _texts(texts: Sequence[bytes], kind: pa.DataType) -> pa.Array:
    bounds = bounds_of(np.array([len(text) for text in texts], np.int64))
    return texts_at(b"".join(texts), bounds, kind)


_NAN = pa.Array.from_buffers(pa.float64(), 1, [None, pa.py_buffer(np.array([np.nan]))])[0]


def _numbers(cells: pa.Array) -> Floats:
    """Return float64 cells as numbers; null, where Arrow may keep anything, is NaN."""
    known = cells.fill_null(_NAN) if cells.null_count else cells
    return np.frombuffer(known.buffers()[1] or b"", np.float64)[known.offset :][: len(known)]


def header_line(names: Sequence[str]) -> bytes:
    """Return the first line of a CSV file with columns of these names."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(names)
    return text.getvalue().encode("utf-8", "surrogateescape")


def lines(rows: pa.Table) -> bytes:
    """Return the rows as lines of CSV; null is empty, numbers are as Python writes them."""
    cells = [_spelled(column.combine_chunks()) for column in rows.columns]
    comma, nothing, newline = _texts([b",", b"", b"\n"], pa.binary())
    joined = pc.binary_join_element_wise(
        *cells, comma, null_handling="replace", null_replacement=b""
    )
    return _text(pc.binary_join_element_wise(joined, nothing, newline)).tobytes()


def _text(cells: pa.Array) -> Bytes:
    """Return all texts of some cells, one after the other."""
    start = int(np.frombuffer(cells.buffers()[1], np.int32)[cells.offset]) if len(cells) else 0
    text = np.frombuffer(cells.buffers()[2] or b"", np.uint8)
    return text[start : start + int(_bounds(cells)[-1])]


def _bounds(cells: pa.Array) -> Integers:
    """Return where in `_text` each cell begins, and the last one ends."""
    if not len(cells):
        return np.zeros(1, np.int32)
    ends = np.frombuffer(cells.buffers()[1], np.int32)[cells.offset :][: len(cells) + 1]
    bounds: Integers = ends - ends[0]
    return bounds


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
        return _texts([_quoted(text) for text in cells.to_pylist()], pa.binary())
    texts = pc.cast(cells, pa.string())
    if pa.types.is_floating(cells.type):
        numbers = _numbers(cells)
        sizes = np.abs(numbers)
        odd = (sizes >= _MOST_PLAIN) | ((sizes < _LEAST_PLAIN) & (sizes > 0))
        exponents = np.flatnonzero(_text(texts) == _EXPONENT)
        odd[np.searchsorted(_bounds(texts), exponents, "right") - 1] = True
        whole = (sizes == np.floor(sizes)) & ~odd
        zero, point = _texts([b"0", b"."], pa.string())
        ended = pc.binary_join_element_wise(texts.filter(array(whole)), zero, point)
        texts = pc.replace_with_mask(texts, array(whole), ended)
        if odd.any():
            plain = _texts([repr(x).encode() for x in numbers[odd].tolist()], pa.string())
            texts = pc.replace_with_mask(texts, array(odd), plain)
    return texts.cast(pa.binary())


def _quoted(text: bytes) -> bytes:
    """Return a cell of CSV, in quotes where it needs them."""
    if any(mark in text for mark in _MARKS):
        return b'"' + text.replace(b'"', b'""') + b'"'
    return text
