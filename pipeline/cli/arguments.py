"""The options of the commands as given, and the request that they make."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.formats.query import Query
    from pipeline.formats.read_options import ReadOptions
    from pipeline.partitions.cutting import Partitioning
    from pipeline.request import Request


@dataclass(frozen=True)
class SharedArguments:
    """The options that both commands have, as given on the command line.

    Attributes:
        no_header: Whether the first row holds values already.
        delimiter: The character between fields; None if it is to be found.
        decimal: The decimal mark.
        quote: The character around fields, or "none".
        encoding: The encoding of the file.
        skip_lines: How many lines before the header are left out.
        partitions: How many parts the file is read in; None for the default.
        blocksize: How large a part is, in bytes; None for the default.
        missing: More spellings of a missing cell, and numbers that stand for one.
        on_invalid: "stop" or "skip".
        scheduler: The address of a Dask scheduler; None for the default.
        workers: How many cores of this machine are used without one; None for all.
        priority: What goes before others' tasks there: higher is sooner, 0 is usual.
        quiet: Whether progress and notices are left out.
        verbose: Whether an error ends with a traceback.

    """

    no_header: bool
    delimiter: str | None
    decimal: str
    quote: str
    encoding: str
    skip_lines: int
    partitions: int | None
    blocksize: int | None
    missing: tuple[str, ...]
    on_invalid: str
    scheduler: str | None
    workers: int | None
    priority: int
    quiet: bool
    verbose: bool

    def reading(self, column: str) -> ReadOptions:
        """Return how the column with the name or number `column` is read."""
        from pipeline.formats.csv.dialect import DialectOptions
        from pipeline.formats.read_options import ReadOptions

        return ReadOptions(
            column,
            not self.no_header,
            DialectOptions(
                self.delimiter,
                self.decimal,
                None if self.quote == "none" else self.quote,
                self.encoding,
            ),
            self.skip_lines,
            self.missing,
            self.on_invalid,
        )

    def partitioning(self) -> Partitioning:
        """Return how the file is cut; InputError if it cannot be cut so."""
        from pipeline.partitions.cutting import Partitioning

        return Partitioning(self.partitions, self.blocksize)


@dataclass(frozen=True)
class ConvertArguments(SharedArguments):
    """The options of a conversion.

    Attributes:
        columns: The names, or numbers, of the columns to keep.
        numbers: Those of them that are kept as numbers; None for the default.

    """

    columns: tuple[str, ...]
    numbers: tuple[str, ...] | None


@dataclass(frozen=True)
class RunArguments(SharedArguments):
    """The options of a run.

    Attributes:
        column: The names, or numbers, of the columns to describe.
        by: The keys to group by, as COLUMN or COLUMN:unit.
        time: The layouts of time columns, as COLUMN=LAYOUT.
        where: The conditions that rows must meet.
        valid_range: The least and the greatest value that counts; None for all.
        max_groups: How many groups there may be.
        sort: Whether groups are sorted by their keys.
        format: The format of groups, "csv" or "parquet".
        window: How many values a window of the moving variance holds.
        percentiles: Which percentiles, as percentages from 0 to 100.
        output: The folder for the results.
        partials: Whether `partitions.csv` is written as well.
        rejects: The file of cells and rows that are skipped; None where none is wanted.
        max_rejects: How many of them it holds.
        distribution: The file of all distinct values; None where none is wanted.
        report: The page's file; None where none is wanted.
        lang: The page's language, "en" or "es".
        json: Whether the result is printed as JSON.
        performance_report: Where Dask's own report is written; None where none is wanted.

    """

    column: tuple[str, ...]
    by: tuple[str, ...]
    time: tuple[str, ...]
    where: tuple[str, ...]
    valid_range: tuple[float, float] | None
    max_groups: int
    sort: bool
    format: str
    window: int
    percentiles: tuple[float, ...]
    output: Path
    partials: bool
    rejects: Path | None
    max_rejects: int
    distribution: Path | None
    report: Path | None
    lang: str
    json: bool
    performance_report: Path | None

    @property
    def group_format(self) -> str | None:
        """The format of groups; None where there are none."""
        return self.format if self.by else None

    @property
    def page(self) -> str | None:
        """The name of the page in the folder of the results; None where none is wanted.

        Raises InputError for a file that lies elsewhere, or has another ending.
        """
        return self._name("--report", self.report, (".html", ".htm"))

    @property
    def rejects_file(self) -> str | None:
        """The name of the file of rejects, likewise."""
        return self._name("--rejects", self.rejects, (".csv",))

    @property
    def distribution_file(self) -> str | None:
        """The name of the file of all distinct values, likewise."""
        return self._name("--distribution", self.distribution, (".csv", ".parquet"))

    def _name(self, option: str, file: Path | None, endings: tuple[str, ...]) -> str | None:
        """Return the name of a result that is named by an option."""
        from pipeline.errors import InputError

        if file is None:
            return None
        if file.parent != Path() and file.parent.resolve() != self.output.resolve():
            raise InputError(
                f"{option} {file} does not lie in the folder of the other results, "
                f"{self.output}; give its name alone, or that folder with --output"
            )
        if file.suffix.lower() not in endings:
            raise InputError(f"{option} {file} has another ending than {' or '.join(endings)}")
        return file.name

    def query(self) -> Query:
        """Return what is read of each row; InputError if it makes no sense."""
        from pipeline.formats.query import Condition, Key, Query, parse_time

        return Query(
            columns=self.column,
            by=tuple(Key.parse(text) for text in self.by),
            where=tuple(Condition.parse(text) for text in self.where),
            times=dict(parse_time(text) for text in self.time),
            valid_range=self.valid_range,
            max_groups=self.max_groups,
            max_rejects=self.max_rejects if self.rejects else 0,
        )

    def request(self, files: Sequence[str]) -> Request:
        """Return the request that these options make of `files`; InputError if it makes no sense.

        A name with wildcards that is no file stands for those that it matches, in their order.
        """
        from pipeline.defaults import COLUMN
        from pipeline.formats.paths import expand
        from pipeline.request import Request
        from pipeline.statistics.options import StatisticsOptions

        reading, partitioning = self.reading(COLUMN), self.partitioning()
        options = StatisticsOptions(self.window, self.percentiles)
        paths = tuple(expand(files))
        return Request(
            paths,
            self.query(),
            reading,
            partitioning,
            options,
            self.partials,
            self.sort,
            self.report is not None,
        )
