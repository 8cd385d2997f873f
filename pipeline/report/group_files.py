"""The file of groups: a row for each column of each group, and only some of them in memory."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.numeric.keys import split_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.numeric.arrays import Floats, Integers
    from pipeline.request import Outcome
    from pipeline.statistics.group_table import GroupTable
    from pipeline.statistics.grouped_results import Name

_ALL_AT_ONCE = 1 << 15
"""Groups whose rows are in memory at a time."""

_LEAST_PLAIN, _MOST_PLAIN = 1e-4, 1e16
"""Python writes the numbers between without an exponent."""


def group_file(outcome: Outcome, table: GroupTable, kind: str) -> Iterator[bytes]:
    """Yield the file of the groups in the `table`, piece by piece.

    Key columns, named by the `outcome`, come first, and before them the column's name where there
    are several; then the statistics under the names of `results.json`, percentiles as p10 and so
    on. Undefined is empty in CSV, null in Parquet; `kind` is "csv" or "parquet".
    """
    return _parquet(outcome, table) if kind == "parquet" else _csv(outcome, table)


def _parts(outcome: Outcome, table: GroupTable) -> Iterator[pa.Table]:
    """Yield the rows of some groups, and of some others; keys are bytes, undefined is null."""
    for start in range(0, max(len(table), 1), _ALL_AT_ONCE):
        part = table.take(np.arange(start, min(start + _ALL_AT_ONCE, len(table))))
        keys = [split_key(key) for key in part.keys.to_list()]
        fronts = [pa.array([key[k] for key in keys], pa.binary()) for k in range(len(outcome.keys))]
        names = [*outcome.keys, *map(_plain, part.statistics[0])]
        columns = [
            pa.Table.from_arrays([*fronts, *map(_array, found.values())], names)
            for found in part.statistics
        ]
        yield columns[0] if len(columns) == 1 else _in_turn(columns, part)


def _in_turn(columns: list[pa.Table], part: GroupTable) -> pa.Table:
    """Return the rows of each group by column, the column's name in front."""
    named = [
        rows.add_column(0, "column", pa.array([source.column.encode()] * len(part), pa.binary()))
        for rows, source in zip(columns, part.columns, strict=True)
    ]
    order = np.arange(len(columns) * len(part)).reshape(len(columns), len(part)).T.ravel()
    return pa.concat_tables(named).take(pa.array(order))


def _array(numbers: Integers | Floats) -> pa.Array:
    return pa.array(numbers, from_pandas=True)


def _csv(outcome: Outcome, table: GroupTable) -> Iterator[bytes]:
    header = True
    for rows in _parts(outcome, table):
        if header:
            yield _line(rows.column_names).encode("utf-8", "surrogateescape")
            header = False
        cells = [_spelled(column.combine_chunks()) for column in rows.columns]
        lines = pc.binary_join_element_wise(
            *cells, b",", null_handling="replace", null_replacement=b""
        )
        yield b"".join(pc.binary_join_element_wise(lines, b"", b"\n").to_pylist())


def _parquet(outcome: Outcome, table: GroupTable) -> Iterator[bytes]:
    """Yield the whole file: what comes first in it is known last."""
    with pa.BufferOutputStream() as target:
        writer = None
        for rows in _parts(outcome, table):
            columns = [_readable(column.combine_chunks()) for column in rows.columns]
            readable = pa.Table.from_arrays(columns, rows.column_names)
            writer = writer or pq.ParquetWriter(target, readable.schema)
            writer.write_table(readable)
        if writer:
            writer.close()
        yield target.getvalue().to_pybytes()


def _readable(cells: pa.Array) -> pa.Array:
    """Return bytes as text, with a question mark for what is not UTF-8; numbers as they are."""
    if not pa.types.is_binary(cells.type):
        return cells
    texts = (text.decode("utf-8", "surrogateescape") for text in cells.to_pylist())
    return pa.array([text.encode("utf-8", "replace").decode() for text in texts], pa.string())


def _spelled(cells: pa.Array) -> pa.Array:
    """Return cells as texts of CSV, numbers as Python writes them."""
    if pa.types.is_binary(cells.type):
        return pa.array([_quoted(text) for text in cells.to_pylist()], pa.binary())
    texts = pc.cast(cells, pa.string())
    if pa.types.is_floating(cells.type):
        whole = pc.invert(pc.match_substring(texts, "."))
        texts = pc.if_else(whole, pc.binary_join_element_wise(texts, "0", "."), texts)
        numbers = cells.to_numpy(zero_copy_only=False)
        sizes = np.abs(numbers)
        no = pa.scalar(value=False)
        odd = pc.match_substring(texts, "e").fill_null(no).to_numpy(zero_copy_only=False)
        odd = odd | (sizes >= _MOST_PLAIN) | ((sizes < _LEAST_PLAIN) & (sizes > 0))
        plain = pa.array([repr(number) for number in numbers[odd].tolist()], pa.string())
        texts = pc.replace_with_mask(texts, pa.array(odd), plain)
    return texts.cast(pa.binary())


def _quoted(text: bytes) -> bytes:
    """Return a cell of CSV, in quotes where it needs them."""
    if any(mark in text for mark in (b",", b'"', b"\r", b"\n")):
        return b'"' + text.replace(b'"', b'""') + b'"'
    return text


def _line(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def _plain(name: Name) -> str:
    """Return what a statistic is called in a file: a percentile is p and its share."""
    return f"p{name[1]}" if isinstance(name, tuple) else name
