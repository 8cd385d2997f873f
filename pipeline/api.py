"""The library's front door: `describe` a column of a file."""

from __future__ import annotations

import warnings
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.defaults import COLUMN, PERCENTILES, WINDOW
from pipeline.engine.connect import borrow, connect
from pipeline.engine.observer import Observer
from pipeline.formats.csv.dialect import DialectOptions
from pipeline.formats.table import ReadOptions
from pipeline.partitions.cutting import Partitioning
from pipeline.request import Request
from pipeline.run import run
from pipeline.statistics.options import StatisticsOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from distributed import Client

    from pipeline.statistics.result import Result


class _Warner(Observer):
    def notice(self, text: str) -> None:
        warnings.warn(text, stacklevel=4)


def describe(
    path: str | Path,
    *,
    column: str | int = COLUMN,
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
    scheduler: str | None = None,
    workers: int | None = None,
    client: Client | None = None,
) -> Result:
    """Return the statistics of one column of a CSV or Parquet file, exact over the whole file.

    The keywords are the options of `python -m pipeline.run`; `blocksize` is in bytes. Without a
    `client` the run goes to `scheduler`, else to the one that Dask's configuration names, else to
    threads of this process, `workers` of them. What the user should know of the file and cannot be
    told from the result comes as a warning.

    Raises:
        InputError: the file, or a keyword, cannot be worked with.
        ClusterError: the cluster cannot do the work.

    Example:
        >>> describe("Datos_Hidrometeorologicos.csv", percentiles=[5, 50, 95]).mean

    """
    spellings = (missing,) if isinstance(missing, str) else tuple(map(str, missing))
    marks = DialectOptions(delimiter, decimal, quote, encoding)
    reading = ReadOptions(column, header, marks, skip_lines, spellings, on_invalid)
    partitioning = Partitioning(partitions, blocksize)
    options = StatisticsOptions(window, tuple(percentiles))
    request = Request(Path(path), reading, partitioning, options)
    cluster = partial(borrow, client) if client else partial(connect, scheduler, workers)
    return run(request, cluster, _Warner()).result
