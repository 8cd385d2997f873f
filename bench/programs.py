"""The programs that are measured: this project and its peers."""

import sys
from dataclasses import dataclass
from pathlib import Path

PEERS = Path(__file__).parent / "peers"


@dataclass(frozen=True)
class Program:
    """A peer: a script that prints its statistics of FILE's COLUMN as JSON.

    *approximate* names the answers that are known not to be exact there.
    """

    script: str
    options: tuple[str, ...] = ()
    approximate: frozenset[str] = frozenset()

    def command(self, file: Path, column: str) -> list[str]:
        """The command that describes a column."""
        return [sys.executable, str(PEERS / self.script), str(file), column, *self.options]


POLARS = "Polars"
DUCKDB = "DuckDB"
DUCKDB_MOVING = "DuckDB, with the moving variance"
PANDAS = "pandas"
DASK = "dask.dataframe, what it can"
REFERENCE = "the reference kernel in plain Python"
PROGRAMS = {
    POLARS: Program("with_polars.py"),
    DUCKDB: Program("with_duckdb.py"),
    DUCKDB_MOVING: Program("with_duckdb.py", ("--moving",)),
    PANDAS: Program("with_pandas.py"),
    DASK: Program("with_dask.py", approximate=frozenset({"percentiles"})),
    REFERENCE: Program("reference.py"),
}


def this_project(file: Path, column: str, output: Path, *options: str) -> list[str]:
    """The command with which this project describes a column."""
    command = [sys.executable, "-m", "pipeline.run", str(file), "--column", column]
    return [*command, "--output", str(output), "--json", "--quiet", *options]
