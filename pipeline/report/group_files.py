"""The file of groups: a row for each column of each group, and only some of them in memory."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.ahead import in_turn
from pipeline.numeric.key_parts import part_of_all
from pipeline.report.arrow_csv import array, header_line, lines, readable, texts_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipeline.request import Outcome
    from pipeline.statistics.group_table import GroupTable
    from pipeline.statistics.grouped_results import Name

Made = TypeVar("Made")

_AT_ONCE = 1 << 14
"""Groups whose rows a core has in memory."""


def group_file(outcome: Outcome, table: GroupTable, kind: str) -> Iterator[bytes]:
    """Yield the file of the groups in the `table`, piece by piece.

    Key columns, named by the `outcome`, come first, and before them the column's name where there
    are several; then the statistics under the names of `results.json`, percentiles as p10 and so
    on. Undefined is empty in CSV, null in Parquet; `kind` is "csv" or "parquet".
    """
    return _parquet(outcome, table) if kind == "parquet" else _csv(outcome, table)


def _made_of_parts(
    outcome: Outcome, table: GroupTable, make: Callable[[pa.Table], Made]
) -> Iterator[Made]:
    """Yield what is made of the rows of some groups, and of some others; cores work side by side.

    Keys are bytes in them, undefined is null.
    """

    def made(start: int) -> Made:
        return make(_rows(outcome, table.take(np.arange(start, min(start + _AT_ONCE, len(table))))))

    def begin(start: int) -> Future[Made]:
        return pool.submit(made, start)

    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as pool:
        starts = range(0, max(len(table), 1), _AT_ONCE)
        yield from in_turn(begin, Future.result, starts, 2 * cores)


def _rows(outcome: Outcome, part: GroupTable) -> pa.Table:
    """Return the rows of groups that are not too many to be in memory together."""
    parts = (part_of_all(part.keys, k) for k in range(len(outcome.keys)))
    fronts = [texts_at(*found, pa.binary()) for found in parts]
    names = [*outcome.keys, *map(_plain, part.statistics[0])]
    columns = [
        pa.Table.from_arrays([*fronts, *map(array, found.values())], names)
        for found in part.statistics
    ]
    return columns[0] if len(columns) == 1 else _side_by_side(columns, part)


def _side_by_side(columns: list[pa.Table], part: GroupTable) -> pa.Table:
    """Return the rows of each group by column, the column's name in front."""
    named = [
        rows.add_column(0, "column", pa.array([source.column.encode()] * len(part), pa.binary()))
        for rows, source in zip(columns, part.columns, strict=True)
    ]
    order = np.arange(len(columns) * len(part)).reshape(len(columns), len(part)).T.ravel()
    return pa.concat_tables(named).take(array(order))


def _csv(outcome: Outcome, table: GroupTable) -> Iterator[bytes]:
    yield header_line(_rows(outcome, table.take(np.arange(0))).column_names)
    yield from _made_of_parts(outcome, table, lines)


def _parquet(outcome: Outcome, table: GroupTable) -> Iterator[bytes]:
    """Yield the whole file: what comes first in it is known last."""
    with pa.BufferOutputStream() as target:
        parts = _made_of_parts(outcome, table, readable)
        first = next(parts)
        with pq.ParquetWriter(target, first.schema) as writer:
            for rows in chain([first], parts):
                writer.write_table(rows)
        yield target.getvalue().to_pybytes()


def _plain(name: Name) -> str:
    """Return what a statistic is called in a file: a percentile is p and its share."""
    return f"p{name[1]}" if isinstance(name, tuple) else name
