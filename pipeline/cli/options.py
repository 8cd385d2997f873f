"""The options of `pipeline.run` and `pipeline.convert`, and their help."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.parameters import Names, Percentages, Range, Size, mark
from pipeline.defaults import COLUMN, MAX_GROUPS, MAX_REJECTS, PERCENTILES, WINDOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

EPILOG = """\b
Examples:
  python -m pipeline.run
  python -m pipeline.run data.csv --column ValorObservado --output out
  python -m pipeline.run export.csv --delimiter ';' --decimal , --no-header --column 3
  python -m pipeline.run data.csv --by Fecha:month --time Fecha='%Y-%m-%d %H:%M'
  python -m pipeline.run 2019.csv 2020.csv 'more/*.csv' --by file
  python -m pipeline.run data.csv --scheduler tcp://10.0.0.1:8786 --json

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted, 143 terminated."""

# fmt: off
_COLUMN = (
    click.option("--column", multiple=True, default=(COLUMN,), show_default=True, metavar="NAME",
        help="The column's name or, with --no-header, its number. May be given several times; '*' "
        "stands for every column that holds numbers and no other text. Example: --column 3"),
)
_ROWS = (
    click.option("--by", type=Names(), default=(), metavar="LIST",
        help="Group by these columns: every statistic for each group, in groups.csv. A column with "
        "times is followed by a unit: year, month, day, hour, month-of-year, day-of-year, "
        "hour-of-day or weekday. The word file stands for the name of the file. Example: --by "
        "CodigoEstacion,FechaObservacion:month"),
    click.option("--time", multiple=True, metavar="COLUMN=LAYOUT",
        help="How a column writes times, as strftime would, or ideam-bulk or ideam-api. May be "
        "given several times. Example: --time Fecha='%d/%m/%Y %H:%M'"),
    click.option("--where", multiple=True, metavar="CONDITION",
        help="Take only the rows whose column is equal to a text, or one of several (=), is not "
        "(!=), or is a number or a time that compares (<, <=, >=, >). Several conditions must all "
        "hold. Example: --where CodigoSensor=0068,0069 --where 'FechaObservacion>=2019-03'"),
    click.option("--valid-range", type=Range(), metavar="LOW,HIGH",
        help="Count only values from LOW to HIGH. Example: --valid-range -10,60"),
    click.option("--max-groups", type=click.IntRange(min=1), default=MAX_GROUPS, show_default=True,
        metavar="N", help="Stop where there are more groups. Example: --max-groups 5000000"),
    click.option("--sort", is_flag=True,
        help="Sort groups by their keys. Default: as they first appear."),
)
_FILE = (
    click.option("--no-header", is_flag=True,
        help="The first row already holds values; name columns by their numbers, from 1."),
    click.option("--delimiter", callback=mark, metavar="CHAR",
        help="The character between fields. Default: found in the first rows. Examples: "
        "--delimiter ';' or --delimiter tab"),
    click.option("--decimal", default=".", show_default=True, metavar="CHAR",
        help="The decimal mark. Example: --decimal ,"),
    click.option("--quote", default='"', show_default=True, metavar="CHAR",
        help="The character around fields that hold delimiters or line ends. Examples: --quote "
        "\"'\" or --quote none"),
    click.option("--encoding", default="utf-8", show_default=True,
        help="UTF-8, or an encoding with one byte for each character. Example: --encoding latin-1"),
    click.option("--skip-lines", type=click.IntRange(min=0), default=0, show_default=True,
        metavar="N", help="How many lines before the header to leave out. Example: --skip-lines 4"),
    click.option("--partitions", type=click.IntRange(min=1), metavar="N",
        help="How many parts to read the file in. Default: by its size and the number of cores. "
        "Example: --partitions 100"),
    click.option("--blocksize", type=Size(), metavar="SIZE",
        help="How large a part is, instead of --partitions. Example: --blocksize 64MiB"),
)
_STATISTICS = (
    click.option("--window", type=click.IntRange(min=1), default=WINDOW, show_default=True,
        metavar="N", help="How many values a window of the moving variance holds. Example: "
        "--window 24"),
    click.option("--percentiles", type=Percentages(), default=",".join(map(str, PERCENTILES)),
        show_default=True, metavar="LIST",
        help="Which percentiles to compute. Example: --percentiles 5,50,95,99.9"),
)
_CELLS = (
    click.option("--missing", multiple=True, metavar="TOKEN",
        help="One more spelling of a missing value, or a number that stands for one. May be given "
        "several times. Example: --missing s/d --missing -999"),
    click.option("--on-invalid", type=click.Choice(["stop", "skip"]), default="stop",
        show_default=True,
        help="What to do at a cell that holds no number, or a row with too few or too many fields: "
        "stop, or skip it and count it."),
)
_REJECTS = (
    click.option("--rejects", type=click.Path(path_type=Path), metavar="FILE.csv",
        help="Also list what is skipped, in this file in the folder of --output: file, byte at "
        "which the row begins (in Parquet its number), column, reason and text. Example: "
        "--rejects rejects.csv"),
    click.option("--max-rejects", type=click.IntRange(min=1), default=MAX_REJECTS,
        show_default=True, metavar="N",
        help="How many it lists, from the first on; the others are counted."),
)
_CLUSTER = (
    click.option("--scheduler", metavar="ADDRESS",
        help="The address of a Dask scheduler. Default: the one that Dask's configuration names, "
        "else this machine alone. Example: --scheduler tls://10.0.0.1:8786"),
    click.option("--workers", type=click.IntRange(min=1), metavar="N",
        help="How many cores of this machine to use when there is no scheduler. Default: all. "
        "Example: --workers 4"),
    click.option("--priority", type=int, default=0, show_default=True, metavar="N",
        help="Go before what others compute on the same scheduler with a lower priority, and after "
        "a higher one. Those with the same take turns. Example: --priority -1"),
)
_RESULTS = (
    click.option("--output", type=click.Path(path_type=Path), default=".", show_default=True,
        metavar="DIR", help="The folder for combined_results.csv and results.json. Example: "
        "--output out"),
    click.option("--format", type=click.Choice(["csv", "parquet"]), default="csv",
        show_default=True, help="The format of the groups: groups.csv or groups.parquet."),
    click.option("--partials", is_flag=True,
        help="Also write the statistics of each partition to partitions.csv."),
    click.option("--distribution", type=click.Path(path_type=Path), metavar="FILE",
        help="Also write each distinct value, how often it occurs, where first, and which share of "
        "the values is no greater, and greater, to this file in the folder of --output: CSV, or "
        "Parquet if it ends with .parquet. With --by, for each group. Example: --distribution "
        "distribution.csv"),
    click.option("--report", type=click.Path(path_type=Path), metavar="FILE.html",
        help="Also write a page for people, with pictures, to this file in the folder of --output. "
        "It opens without a network. Example: --report report.html"),
    click.option("--lang", type=click.Choice(["en", "es"]), default="en", show_default=True,
        help="The language of that page: English or Spanish."),
    click.option("--performance-report", type=click.Path(path_type=Path), metavar="FILE.html",
        help="Also write Dask's own report to this file: which task ran when and where, and what "
        "the workers were busy with. Example: --performance-report dask.html"),
    click.option("--json", is_flag=True,
        help="Print the result as JSON. Example: --json | jq .mean"),
)
_TERMINAL = (
    click.option("--quiet", is_flag=True, help="Show no progress and no notices."),
    click.option("--verbose", is_flag=True, help="Show a traceback when something fails."),
)
_KEPT = (
    click.option("--columns", type=Names(), default=COLUMN, show_default=True,
        metavar="LIST", help="The columns to keep, in this order; with --no-header, their numbers. "
        "Example: --columns ValorObservado,CodigoEstacion"),
    click.option("--numbers", type=Names(), metavar="LIST",
        help="Which of them to keep as numbers; the others become text. Default: ValorObservado. "
        "Example: --numbers Latitud,Longitud"),
)
# fmt: on


def of_run(command: Callable[..., None]) -> Callable[..., None]:
    """Return `command` with the options of `pipeline.run`."""
    groups = (_COLUMN, _ROWS, _FILE, _STATISTICS, _CELLS, _REJECTS, _CLUSTER, _RESULTS, _TERMINAL)
    return _add(groups, command)


def of_convert(command: Callable[..., None]) -> Callable[..., None]:
    """Return `command` with the options of `pipeline.convert`."""
    return _add((_KEPT, _FILE, _CELLS, _CLUSTER, _TERMINAL), command)


def _add(groups: Iterable[Iterable[Any]], command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed([option for group in groups for option in group]):
        command = option(command)
    return command
