"""The texts of a run's results in CSV."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

from pipeline.reject import Reject
from pipeline.statistics.result import to_csv

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.formats.rejects import Rejects
    from pipeline.partitions.segment import PartitionResult
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


def rejects_csv(rejects: Rejects) -> str:
    """Return the text of the file of rejects: a row for each, after the names of its fields."""
    text = StringIO()
    # Quoted, for a carriage return in a text would end the row for many a reader.
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(Reject._fields)
    writer.writerows(rejects.first)
    return text.getvalue()


def _rows(partial: PartitionResult) -> Iterator[dict[str, Value | str]]:
    bounds = {"start": partial.partition.start, "stop": partial.partition.stop}
    for result in partial.results:
        yield _named(result, partial.results, bounds | result.statistics())


def _named(
    result: Result, results: Sequence[Result], row: dict[str, Value]
) -> dict[str, Value | str]:
    return ({"column": result.source.column} if len(results) > 1 else {}) | row
