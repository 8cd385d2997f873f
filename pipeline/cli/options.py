"""The options of `pipeline.run` and `pipeline.convert`, each with an example in its help."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.defaults import COLUMN, PERCENTILES, WINDOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pipeline.formats.table import ReadOptions
    from pipeline.partitions.cutting import Partitioning
    from pipeline.request import Request

EPILOG = """\b
Examples:
  python -m pipeline.run
  python -m pipeline.run data.csv --column ValorObservado --output out
  python -m pipeline.run export.csv --delimiter ';' --decimal , --no-header --column 3
  python -m pipeline.run data.csv --scheduler tcp://10.0.0.1:8786 --json

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""

_UNITS = {"": 1, "b": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30}
_UNITS |= {"kb": 10**3, "mb": 10**6, "gb": 10**9}


class _Size(click.ParamType[int]):
    """A number of bytes: 1000000, 64MiB, 1GB."""

    name = "size"

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        text = str(value).strip().lower()
        digits = text.rstrip("bikmg ")
        unit = text[len(digits) :].strip()
        if not digits.isdecimal() or unit not in _UNITS or not int(digits):
            self.fail(f"{value!r} is no size such as 64MiB or 1GB", param, ctx)
        return int(digits) * _UNITS[unit]


class _Percentages(click.ParamType[tuple[float, ...]]):
    """Percentages with commas between them: 10,25,99.9."""

    name = "list"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[float, ...]:
        if isinstance(value, tuple):
            return value
        numbers = []
        for text in value.split(","):
            try:
                number = float(text)
            except ValueError:
                self.fail(f"{text!r} is no percentage", param, ctx)
            if not 0 <= number <= 100:  # noqa: PLR2004
                self.fail(f"{text!r} is not between 0 and 100", param, ctx)
            numbers.append(int(number) if number.is_integer() else number)
        return tuple(dict.fromkeys(numbers))


class _Names(click.ParamType[tuple[str, ...]]):
    """Names with commas between them, quoted as in a CSV file where one holds a comma."""

    name = "list"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        names = next(csv.reader([value]), [])
        if not names or not all(names) or len(set(names)) < len(names):
            self.fail(f"{value!r} is no list of different names, such as A,B", param, ctx)
        return tuple(names)


@dataclass(frozen=True)
class Common:
    """The options of both commands as given; their names are those of the command line."""

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
    quiet: bool
    verbose: bool

    def reading(self, column: str) -> ReadOptions:
        """Return how a column is read."""
        from pipeline.formats.csv.dialect import DialectOptions
        from pipeline.formats.table import ReadOptions

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
        """Return how the file is cut."""
        from pipeline.partitions.cutting import Partitioning

        return Partitioning(self.partitions, self.blocksize)


@dataclass(frozen=True)
class Convert(Common):
    """The options of a conversion."""

    columns: tuple[str, ...]
    numbers: tuple[str, ...] | None


@dataclass(frozen=True)
class Options(Common):
    """The options of a run."""

    column: str
    window: int
    percentiles: tuple[float, ...]
    output: Path
    partials: bool
    json: bool

    def request(self, file: Path) -> Request:
        """Return what is asked for of `file`."""
        from pipeline.request import Request
        from pipeline.statistics.options import StatisticsOptions

        reading, partitioning = self.reading(self.column), self.partitioning()
        options = StatisticsOptions(self.window, self.percentiles)
        return Request(file, reading, partitioning, options, self.partials)


def _mark(_context: Any, _option: Any, value: str | None) -> str | None:
    return {"tab": "\t", "\\t": "\t"}.get(value, value) if value else value


# fmt: off
_COLUMN = (
    click.option("--column", default=COLUMN, show_default=True, metavar="NAME",
        help="The column's name, or with --no-header its number: --column 3"),
)
_FILE = (
    click.option("--no-header", is_flag=True,
        help="The first row holds values already; columns go by their numbers: --no-header"),
    click.option("--delimiter", callback=_mark, metavar="CHAR",
        help="What stands between fields: --delimiter ';' or --delimiter tab. Default: found out."),
    click.option("--decimal", default=".", show_default=True, metavar="CHAR",
        help="The decimal mark: --decimal ,"),
    click.option("--quote", default='"', show_default=True, metavar="CHAR",
        help="What stands around fields: --quote \"'\" or --quote none"),
    click.option("--encoding", default="utf-8", show_default=True,
        help="UTF-8 or an encoding of one byte a character: --encoding latin-1"),
    click.option("--skip-lines", type=click.IntRange(min=0), default=0, show_default=True,
        metavar="N", help="Lines before the header to leave out: --skip-lines 4"),
    click.option("--partitions", type=click.IntRange(min=1), metavar="N",
        help="How many parts the file is read in: --partitions 100. Default: by size and cores."),
    click.option("--blocksize", type=_Size(), metavar="SIZE",
        help="How large a part is instead: --blocksize 64MiB"),
)
_STATISTICS = (
    click.option("--window", type=click.IntRange(min=1), default=WINDOW, show_default=True,
        metavar="N", help="Values in a window of the moving variance: --window 24"),
    click.option("--percentiles", type=_Percentages(), default=",".join(map(str, PERCENTILES)),
        show_default=True, metavar="LIST", help="Which ones: --percentiles 5,50,95,99.9"),
)
_CELLS = (
    click.option("--missing", multiple=True, metavar="TOKEN",
        help="One more spelling of a missing value, or a number that means one; may be repeated: "
        "--missing s/d --missing -999"),
    click.option("--on-invalid", type=click.Choice(["stop", "skip"]), default="stop",
        show_default=True,
        help="At a cell that is no number or a row with too few or too many fields: stop, or skip "
        "and count it: --on-invalid skip"),
)
_CLUSTER = (
    click.option("--scheduler", metavar="ADDRESS",
        help="The Dask scheduler: --scheduler tls://10.0.0.1:8786. Default: the one that Dask's "
        "configuration names, else this machine alone."),
    click.option("--workers", type=click.IntRange(min=1), metavar="N",
        help="How many cores of this machine to use without a scheduler: --workers 4. "
        "Default: all."),
)
_RESULTS = (
    click.option("--output", type=click.Path(path_type=Path), default=".", show_default=True,
        metavar="DIR", help="Where combined_results.csv and results.json go: --output out"),
    click.option("--partials", is_flag=True,
        help="Write the statistics of each partition alone as well, to partitions.csv: --partials"),
    click.option("--json", is_flag=True, help="Print the result as JSON: --json | jq .mean"),
)
_TERMINAL = (
    click.option("--quiet", is_flag=True, help="No progress and no notices: --quiet"),
    click.option("--verbose", is_flag=True, help="With an error, show where it arose: --verbose"),
)
_KEPT = (
    click.option("--columns", type=_Names(), default=COLUMN, show_default=True,
        metavar="LIST", help="The columns to keep, in this order, or with --no-header their "
        "numbers: --columns ValorObservado,CodigoEstacion"),
    click.option("--numbers", type=_Names(), metavar="LIST",
        help="Those of them that are kept as numbers, the others being text: --numbers "
        f"Latitud,Longitud. Default: {COLUMN}."),
)
# fmt: on


def of_run(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of `pipeline.run` to a command."""
    groups = (_COLUMN, _FILE, _STATISTICS, _CELLS, _CLUSTER, _RESULTS, _TERMINAL)
    return _add(groups, command)


def of_convert(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of `pipeline.convert` to a command."""
    return _add((_KEPT, _FILE, _CELLS, _CLUSTER, _TERMINAL), command)


def _add(groups: Iterable[Iterable[Any]], command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed([option for group in groups for option in group]):
        command = option(command)
    return command
