"""For Python programs: `describe` a column of a file."""

from __future__ import annotations

import inspect
import warnings
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli.bar import Bar, in_a_notebook
from pipeline.defaults import COLUMN, MAX_GROUPS, PERCENTILES, WINDOW
from pipeline.engine.connect import borrow, connect
from pipeline.formats.csv.dialect import DialectOptions
from pipeline.formats.paths import expand
from pipeline.formats.query import ALL, Condition, Key, Query
from pipeline.formats.read_options import ReadOptions
from pipeline.partitions.cutting import Partitioning
from pipeline.report.page.run_log import RunLog
from pipeline.report.page.shown import with_figures
from pipeline.request import Request
from pipeline.run import run
from pipeline.statistics.options import StatisticsOptions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from distributed import Client

    from pipeline.statistics.result import Result

_CLUSTER = ("scheduler", "workers", "client", "priority", "progress")


class _Warner(Bar):
    """Turn notices into warnings that point at the line that called `describe`."""

    def notice(self, text: str) -> None:
        warnings.warn(text, stacklevel=5)  # the caller of `describe`, behind `RunLog` and `run`


def describe(
    path: str | Path | Sequence[str | Path],
    *,
    column: str | int | Sequence[str | int] = COLUMN,
    by: str | Sequence[str] = (),
    time: Mapping[str, str] | None = None,
    where: str | Sequence[str] = (),
    valid_range: tuple[float, float] | None = None,
    max_groups: int = MAX_GROUPS,
    sort: bool = False,
    header: bool = True,
    delimiter: str | None = None,
    decimal: str = ".",
    quote: str | None = '"',
    encoding: str = "utf-8",
    skip_lines: int = 0,
    partitions: int | None = None,
    blocksize: int | None = None,
    window: int = WINDOW,
    percentiles: Sequence[float] = PERCENTILES,
    missing: str | Sequence[str | float] = (),
    on_invalid: str = "stop",
    max_rejects: int = 0,
    report: bool = False,
    scheduler: str | None = None,
    workers: int | None = None,
    client: Client | None = None,
    progress: bool | None = None,
    priority: int = 0,
) -> Result | dict[str, Result]:
    """Return the statistics of columns of CSV or Parquet files, exact over all rows.

    The result is the same, to the last bit, for any number of partitions and workers. What the user
    should know of the file and cannot see in the result comes as a UserWarning.

    Args:
        path: The file, or several: then they are one table, their rows in this order. A file is
            read as Parquet if its name ends with .parquet, else as CSV; a name with wildcards that
            is no file stands for those that it matches. Each machine of the cluster must see it
            under this path.
        column: The column's name; case and outer blanks count only where two names would be the
            same without. With `header=False`, its number from 1. A sequence of several makes the
            function return a dictionary, and so does "*", which stands for every column that holds
            numbers and no other text. Default: "ValorObservado".
        by: The columns to group by. A column with times is followed by a unit, such as
            "FechaObservacion:month"; "file" stands for the name of the file. Default: none.
        time: How columns write times, by their names: as strftime would, or "ideam-bulk" or
            "ideam-api". Default: None.
        where: Conditions that rows must meet, such as "CodigoSensor=0068". Default: none.
        valid_range: The least and the greatest value that counts. Default: None, for all.
        max_groups: How many groups there may be. Default: a million.
        sort: Whether groups are sorted by their keys. Default: False, as they first appear.
        header: Whether the first row holds the names of the columns. Default: True.
        delimiter: The one character between fields. Default: None, found in the first rows.
        decimal: The decimal mark, one character. Default: ".".
        quote: The one character around fields that hold delimiters or line ends, or None where
            there is no such character. Default: the double quote.
        encoding: "utf-8", or an encoding of one byte a character such as "latin-1". Default:
            "utf-8".
        skip_lines: How many lines before the header are left out. Default: 0.
        partitions: How many parts the file is read in, 1 or more. Default: None, which follows
            from the file's size and the number of cores.
        blocksize: How large a part is, in bytes: instead of `partitions`. Default: None.
        window: How many values a window of the moving variance holds, 1 or more. Default: 500.
        percentiles: Which percentiles, as percentages from 0 to 100. Default: 10, 25, 50, 75, 90.
        missing: More spellings of a missing cell, or numbers that stand for one, such as -999. A
            str is one spelling. Empty cells and the tokens that pandas takes for missing always
            are. Default: none.
        on_invalid: What happens at a cell that holds no number, or a row with too few or too many
            fields: "stop" raises InputError, "skip" leaves it out and counts it in
            `Result.invalid`. Default: "stop".
        max_rejects: How many of the cells and rows that "skip" leaves out are listed in
            `Result.rejects`, from the first on; a warning says how many more there are. Default: 0.
        report: Whether what `Result.report` and `Result.plot` show is found, too. Default: False.
        scheduler: The address of a Dask scheduler, such as "tls://10.0.0.1:8786". Default: None,
            which is the one that Dask's configuration names, else threads of this process.
        workers: How many threads of this process are used without a scheduler. Default: None, one
            for each core.
        client: A connected `distributed.Client`, used instead of `scheduler` and `workers`. It
            stays open. Default: None.
        progress: Whether a bar shows how far a run is that takes more than two seconds. Default:
            None, which is in a notebook.
        priority: What goes before others on the same scheduler: higher is sooner, and those with
            the same priority take turns. Default: 0.

    For a Parquet file the arguments from `header` to `skip_lines` mean nothing: leave them out.

    Returns:
        The statistics, the number of missing and invalid cells, and what was described; with `by`,
        those of each group, too, in `Result.groups`. Of several columns, a dictionary with the
        Result of each by its name.

    Raises:
        InputError: The file cannot be read or an argument cannot be used: one sentence that says
            what, where, why, and what to try.
        ClusterError: No scheduler or worker answers, workers differ in version or in the file that
            they see, or the cluster was lost during the run.

    Example:
        >>> result = describe("Datos_Hidrometeorologicos.csv", percentiles=[5, 50, 95])
        >>> result.mean, result.percentiles[95], result.invalid
        >>> describe("Datos_Hidrometeorologicos.csv", report=True).report()

    """
    call = _call(locals())
    spellings = (missing,) if isinstance(missing, str) else tuple(map(str, missing))
    marks = DialectOptions(delimiter, decimal, quote, encoding)
    reading = ReadOptions(COLUMN, header, marks, skip_lines, spellings, on_invalid)
    partitioning = Partitioning(partitions, blocksize)
    options = StatisticsOptions(window, tuple(percentiles))
    names = [column] if isinstance(column, str | int) else column
    query = Query(
        columns=tuple(names),
        by=tuple(Key.parse(text) for text in _several(by)),
        where=tuple(Condition.parse(text) for text in _several(where)),
        times=dict(time or {}),
        valid_range=valid_range,
        max_groups=max_groups,
        max_rejects=max_rejects,
    )
    paths = tuple(expand([path] if isinstance(path, str | Path) else path))
    request = Request(paths, query, reading, partitioning, options, sort=sort, report=report)
    open_one = partial(borrow, client) if client else partial(connect, scheduler, workers)
    warner = _Warner(shown=in_a_notebook() if progress is None else progress)
    log = RunLog(warner)
    try:
        outcome = run(request, partial(open_one, priority=priority), log)
    finally:
        warner.end()
    log.end()
    results = with_figures(outcome, log, paths, call) if report else outcome.results
    if isinstance(column, str | int) and column != ALL:
        return results[0]
    return {result.source.column: result for result in results}


def _call(given: Mapping[str, Any]) -> str:
    """Return the call of `describe` with what was `given`, but for the cluster and defaults."""
    known = inspect.signature(describe).parameters
    named = [
        f"{name}={value!r}"
        for name, value in given.items()
        if name not in ("path", *_CLUSTER) and value != known[name].default
    ]
    return f"pipeline.describe({', '.join([repr(given['path']), *named])})"


def _several(one: str | Sequence[str]) -> Sequence[str]:
    return [one] if isinstance(one, str) else one
