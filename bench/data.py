"""The files that are measured, made when they are wanted."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

from pipeline.defaults import COLUMN

CHUNK = 1 << 20
FEWEST_ROWS = 1_000
Maker = Callable[[Path, int], None]


@dataclass(frozen=True)
class Dataset:
    """A file of *rows* rows at scale 1, written by ``make(path, rows)``."""

    rows: int
    make: Maker
    column: str = COLUMN

    def at(self, scale: float) -> int:
        """The rows at another scale; never so few that the statistics are undefined."""
        return max(round(self.rows * scale), FEWEST_ROWS)


def sample(*options: str) -> Maker:
    """A maker of twelve-column exports."""

    def make(path: Path, rows: int) -> None:
        command = [sys.executable, "-m", "pipeline.sample", str(path), "--rows", str(rows)]
        subprocess.run([*command, *options], cwd=Path(__file__).parents[1], check=True)

    return make


def one_column(distinct: float) -> Maker:
    """A maker of one-column files with *distinct* values per row, in scattered order."""

    def make(path: Path, rows: int) -> None:
        values = round(rows * distinct)
        step = 308_641_979  # a prime, so that it visits every residue once
        schema = pa.schema([(COLUMN, pa.float64())])
        with csv.CSVWriter(path, schema) as writer:
            for start in range(0, rows, CHUNK):
                row = np.arange(start, min(start + CHUNK, rows))
                units = row * step % values + 10 * 10**5
                writer.write_table(pa.table([units / 10**5], schema=schema))

    return make


DATASETS = {
    "bulk": Dataset(32_000_000, sample()),
    "tenths": Dataset(32_000_000, sample("--decimals", "1")),
    "api": Dataset(28_500_000, sample("--layout", "api"), COLUMN.lower()),
    "large": Dataset(83_000_000, sample()),
    "ten megabytes": Dataset(70_000, sample()),
    "all distinct": Dataset(50_000_000, one_column(1)),
    "five million distinct": Dataset(200_000_000, one_column(1 / 40)),
}


def warm(path: Path) -> None:
    """Read a file to its end, so that every program finds it in the page cache."""
    with path.open("rb", buffering=0) as stream:
        while stream.read(CHUNK):
            pass
