"""The library's front door: `describe` a column of a file."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import engine
from pipeline.dialect import Marks
from pipeline.errors import InputError
from pipeline.finish import finish
from pipeline.open_table import open_table
from pipeline.partition import Partition, default_blocksize, split
from pipeline.stretch import Job
from pipeline.table import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from distributed import Client

    from pipeline.result import Result
    from pipeline.stretch import Partial

PERCENTILES = (10, 25, 50, 75, 90)
WINDOW = 500


@dataclass(frozen=True)
class Request:
    """All that a run depends on, but for where it runs."""

    path: Path
    reading: Reading
    partitions: int | None = None
    blocksize: int | None = None
    window: int = WINDOW
    percentiles: tuple[float, ...] = PERCENTILES
    partials: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be computed."""
        if self.partitions and self.blocksize:
            raise InputError("partitions and blocksize exclude each other; give one of them")
        for name in ("partitions", "blocksize", "window"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise InputError(f"{name} must be 1 or more, not {value}")
        for percentile in self.percentiles:
            if not 0 <= Fraction(str(percentile)) <= 100:
                raise InputError(f"a percentile lies between 0 and 100, not at {percentile}")


class Watcher:
    """What a run tells while it goes on; this one does not listen."""

    def notice(self, text: str) -> None:
        """Take a sentence that the user should read."""

    def start(self, client: Client, partitions: int, size: int) -> None:
        """Take note that `partitions` partitions of `size` bytes in all begin."""

    def done(self, leaf: engine.Leaf) -> None:
        """Take note that a partition was read."""


@dataclass(frozen=True)
class Outcome:
    """The result of a run, and that of each partition where it was asked for."""

    result: Result
    partials: tuple[Partial, ...]


def run(request: Request, client: Client, watcher: Watcher) -> Outcome:
    """Go the whole way: file, partitions, summaries, merged in order, finished once."""
    table, notices = open_table(request.path, request.reading)
    for text in notices:
        watcher.notice(text)
    cores = engine.cores(client)
    engine.check(client, table.path)
    size = table.weigh(Partition(table.begin, table.end))
    blocksize = request.blocksize or default_blocksize(size, cores)
    partitions = split(table.begin, table.end, request.partitions or -(-size // blocksize) or 1)
    job = Job(table, request.window, request.percentiles, request.partials)
    watcher.start(client, len(partitions), size)
    stretch = engine.summarise(client, job, partitions, watcher.done)
    if stretch.problem:
        raise InputError(table.sentence(stretch.problem))
    result = finish(stretch.summary, request.percentiles, job.source)
    return Outcome(result, stretch.partials)


def describe(
    path: str | Path,
    *,
    column: str | int = "ValorObservado",
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
    missing: Sequence[str] = (),
    on_invalid: str = "stop",
    scheduler: str | None = None,
    workers: int | None = None,
    client: Client | None = None,
) -> Result:
    """Return the statistics of one column of a CSV or Parquet file, exact over the whole file.

    The keywords are the options of `python -m pipeline.run`; `blocksize` is in bytes. Without a
    `client` the run goes to `scheduler`, else to the one that Dask's configuration names, else to
    threads of this process, `workers` of them.

    Raises:
        InputError: the file, or a keyword, cannot be worked with.
        ClusterError: the cluster cannot do the work.

    Example:
        >>> describe("Datos_Hidrometeorologicos.csv", percentiles=[5, 50, 95]).mean

    """
    marks = Marks(delimiter, decimal, quote, encoding)
    reading = Reading(column, header, marks, skip_lines, tuple(missing), on_invalid)
    request = Request(Path(path), reading, partitions, blocksize, window, tuple(percentiles))
    if client:
        with client.as_current():  # it may be one of several, or not be the default
            return run(request, client, Watcher()).result
    with engine.connect(scheduler, workers) as found:
        return run(request, found, Watcher()).result
