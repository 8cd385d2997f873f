"""The measurement of a conversion: all columns of a CSV file to Parquet."""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.lab import Lab
from bench.process import in_turn
from bench.programs import OURS, PEERS, POLARS
from bench.results import Comparison, Figure, Measured


def conversion(lab: Lab) -> Iterator[Measured]:
    """Twelve columns, one of them numbers; both files compressed with zstd."""
    file, column = lab.file("bulk"), lab.column("bulk")
    ours, theirs = lab.folder / "ours.parquet", lab.folder / "polars.parquet"
    columns = ",".join(_header(file))
    convert = [sys.executable, "-m", "pipeline.convert", str(file), str(ours), "--quiet"]
    peer = [sys.executable, str(PEERS / "to_parquet.py"), str(file), column, str(theirs)]
    commands = {OURS: [*convert, "--columns", columns], POLARS: peer}
    timings = in_turn(commands, lab.rounds)
    compared = Comparison(f"{file.name} to Parquet", timings, {POLARS: _differing(ours, theirs)})
    yield compared
    ratio = compared.timings[OURS].seconds / compared.timings[POLARS].seconds
    yield Figure("twelve columns to Parquet: this project / Polars", 1, ratio)
    size = ours.stat().st_size / theirs.stat().st_size
    yield Figure("that file's size: this project / Polars", 1.1, size)


def _header(file: Path) -> list[str]:
    with file.open(newline="", encoding="utf-8") as stream:
        return next(csv.reader(stream))


def _differing(ours: Path, theirs: Path) -> list[str]:
    """The columns whose cells differ; Polars takes an empty text for a missing one."""
    differing = []
    for name in pq.read_schema(ours).names:
        left, right = (pq.read_table(path, columns=[name])[name] for path in (ours, theirs))
        empty = "" if left.type == "string" else -1e300
        left, right = (pc.fill_null(column, empty).cast(left.type) for column in (left, right))
        if not left.equals(right):
            differing.append(name)
    return differing
