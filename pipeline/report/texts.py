"""The texts of a run's results: JSON, CSV and Parquet."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from pipeline.statistics.groups import key_texts
from pipeline.statistics.result import STATISTICS, to_csv

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pipeline.numeric.arrays import Floats, Integers
    from pipeline.partitions.segment import PartitionResult
    from pipeline.request import Outcome
    from pipeline.statistics.group_table import GroupTable
    from pipeline.statistics.grouped_results import Name
    from pipeline.statistics.result import Result
    from pipeline.statistics.statistic import Value


def combined_csv(results: Sequence[Result]) -> str:
    """Return the text of `combined_results.csv`: a row for each of the `results`, by column.

    The column's name stands in front where there are several.
    """
    return to_csv([_named(result, results, result.reference_row()) for result in results])


def partials_csv(partials: Sequence[PartitionResult]) -> str:
    """Return the text of `partitions.csv`: a row for each column of each of the `partials`."""
    return to_csv([row for partial in partials for row in _rows(partial)])


def groups_csv(outcome: Outcome, table: GroupTable) -> str:
    """Return the text of `groups.csv`: a row for each column of each group in the `table`.

    Key columns come first, and before them the column's name where there are several; then the
    statistics under the names of `results.json`, percentiles as p10 and so on. Undefined is empty.
    The names of keys are those of the `outcome`.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    several = len(table.columns) > 1
    names = group_columns(table)
    writer.writerow(
        [*(["column"] if several else []), *outcome.keys, *(plain_name(name) for name in names)]
    )
    columns = [[_cells(found, name) for name in names] for found in table.statistics]
    for i, key in enumerate(table.keys):
        for source, cells in zip(table.columns, columns, strict=True):
            front = [source.column] if several else []
            writer.writerow([*front, *key_texts(key), *(column[i] for column in cells)])
    return text.getvalue()


def groups_parquet(outcome: Outcome, table: GroupTable) -> bytes:
    """Return `groups.parquet`: what `groups_csv` writes, keys as text, undefined as null.

    `outcome` and `table` are as there.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    several = len(table.columns) > 1
    keys = list(zip(*map(key_texts, table.keys), strict=True)) or [()] * len(outcome.keys)
    parts = []
    for source, found in zip(table.columns, table.statistics, strict=True):
        columns: dict[str, pa.Array] = {}
        if several:
            columns["column"] = pa.array([source.column] * len(table), pa.string())
        for key, texts in zip(outcome.keys, keys, strict=True):
            plain = [text.encode("utf-8", "replace") for text in texts]
            columns[key] = pa.array(plain, pa.binary()).cast(pa.string())
        for name in group_columns(table):
            columns[plain_name(name)] = pa.array(found.get(name, []), from_pandas=True)
        parts.append(pa.table(columns))
    target = pa.BufferOutputStream()
    pq.write_table(pa.concat_tables(parts), target)
    return bytes(target.getvalue())


def groups_file(outcome: Outcome, table: GroupTable, kind: str) -> bytes:
    """Return the file of groups in the format `kind`, "csv" or "parquet".

    `outcome` and `table` are as in `groups_csv`.
    """
    if kind == "parquet":
        return groups_parquet(outcome, table)
    return groups_csv(outcome, table).encode("utf-8", "surrogateescape")


def group_columns(table: GroupTable) -> list[Name]:
    """Return the statistics in a `table` of groups, those of several values taken apart."""
    found = table.statistics[0]
    if not found:
        return [name for name in STATISTICS if name != "percentiles"]
    return list(found)


def plain_name(name: Name) -> str:
    """Return what the statistic `name` is called in a file: a percentile is p and its share."""
    return f"p{name[1]}" if isinstance(name, tuple) else name


def _cells(found: Mapping[Name, Integers | Floats], name: Name) -> list[object]:
    array = found.get(name)
    if array is None:
        return []
    return [None if value != value else value for value in array.tolist()]  # noqa: PLR0124


def _rows(partial: PartitionResult) -> Iterator[dict[str, Value | str]]:
    bounds = {"start": partial.partition.start, "stop": partial.partition.stop}
    for result in partial.results:
        yield _named(result, partial.results, bounds | result.statistics())


def _named(
    result: Result, results: Sequence[Result], row: dict[str, Value]
) -> dict[str, Value | str]:
    return ({"column": result.source.column} if len(results) > 1 else {}) | row
