"""The measurements by group, of several columns, and of some of the rows."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from bench.agree import TOLERANCE
from bench.lab import Lab
from bench.process import in_turn
from bench.programs import DUCKDB, GROUP_PEERS, OURS, POLARS, by_group, this_project
from bench.results import Comparison, Figure, Measured

ONE_COLUMN = "this project, without groups"
COLUMNS = ("ValorObservado", "Latitud", "Longitud", "CodigoEstacion")
CHOSEN = "CodigoSensor=0068"
TIME = "FechaObservacion=ideam-bulk"
MOST_GROUPS = "4000000"


def by_station(lab: Lab) -> Iterator[Measured]:
    """Some hundred groups, each with a window many times over."""
    compared = _compare(lab, [], [DUCKDB, POLARS])
    yield compared
    yield _ratio("by station / without groups", 2, compared, ONE_COLUMN)
    yield _ratio("by station / DuckDB", 0.5, compared, DUCKDB)
    yield _ratio("by station / Polars", 0.4, compared, POLARS)


def by_month(lab: Lab) -> Iterator[Measured]:
    """Some ten thousand groups of about a window."""
    compared = _compare(lab, ["month"], [DUCKDB, POLARS])
    yield compared
    yield _ratio("by station and month / DuckDB", 0.6, compared, DUCKDB)


def by_day(lab: Lab) -> Iterator[Measured]:
    """More than a million groups."""
    compared = _compare(lab, ["day"], [DUCKDB, POLARS])
    yield compared
    yield _ratio("by station and day / DuckDB", 1.5, compared, DUCKDB)
    peak = compared.timings[OURS].peak / 2**20
    yield Figure("by station and day: peak memory of a process", 2048, peak, "MiB")


def columns_and_rows(lab: Lab) -> Iterator[Measured]:
    """Four columns in one pass, and the rows that meet a condition, beside one column."""
    file, results = lab.file("bulk"), lab.folder / "results"
    more = [word for name in COLUMNS[1:] for word in ("--column", name)]
    four, where = "this project, four columns", f"this project, --where {CHOSEN}"
    commands = {
        OURS: this_project(file, COLUMNS[0], results),
        four: this_project(file, COLUMNS[0], results, *more),
        where: this_project(file, COLUMNS[0], results, "--where", CHOSEN),
    }
    compared = Comparison(file.name, in_turn(commands, lab.rounds), {})
    yield compared
    one = compared.timings[OURS].seconds
    yield Figure("four columns / one column", 2, compared.timings[four].seconds / one)
    yield Figure("--where / without", 1.3, compared.timings[where].seconds / one)


def _compare(lab: Lab, units: Sequence[str], peers: Sequence[str]) -> Comparison:
    """Run *peers* beside the project, by station and *units* of time; see whether they agree."""
    file, column = lab.file("bulk"), lab.column("bulk")
    keys = ["CodigoEstacion", *(f"FechaObservacion:{unit}" for unit in units)]
    options = ["--by", ",".join(keys), "--max-groups", MOST_GROUPS]
    options += ["--time", TIME] if units else []
    ours = lab.folder / "results-by-group"
    commands = {
        OURS: this_project(file, column, ours, *options),
        ONE_COLUMN: this_project(file, column, lab.folder / "results"),
    }
    outputs = {peer: lab.folder / f"{GROUP_PEERS[peer]}.csv" for peer in peers}
    for peer, output in outputs.items():
        commands[peer] = by_group(peer, file, column, output, *units)
    timings = in_turn(commands, lab.rounds)
    differing = {
        peer: _differences(ours / "groups.csv", output, keys) for peer, output in outputs.items()
    }
    return Comparison(f"{file.name}, by {' and '.join(keys)}", timings, differing)


def _differences(ours: Path, theirs: Path, keys: list[str]) -> list[str]:
    """The statistics in both files that differ in some group; theirs may be undefined there."""
    left, right = (pd.read_csv(p, dtype=dict.fromkeys(keys, str)) for p in (ours, theirs))
    left, right = (frame.set_index(keys).sort_index() for frame in (left, right))
    if not left.index.equals(right.index):
        return ["groups"]
    return [
        name
        for name in left.columns.intersection(right.columns)
        if name != "mode"
        and not (
            np.isclose(left[name], right[name], TOLERANCE, TOLERANCE) | right[name].isna()
        ).all()
    ]


def _ratio(what: str, goal: float, compared: Comparison, other: str) -> Figure:
    ours, theirs = compared.timings[OURS], compared.timings[other]
    return Figure(what, goal, ours.seconds / theirs.seconds)
