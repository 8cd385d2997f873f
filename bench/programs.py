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


OURS = "this project"
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


GROUP_PEERS = {POLARS: "by_polars", DUCKDB: "by_duckdb"}


def by_group(peer: str, file: Path, column: str, output: Path, *units: str) -> list[str]:
    """The command with which a peer writes the statistics by station, and by units of time."""
    script = PEERS / f"{GROUP_PEERS[peer]}.py"
    return [sys.executable, str(script), str(file), column, str(output), *units]


def this_project(file: Path, column: str, output: Path, *options: str) -> list[str]:
    """The command with which this project describes a column."""
    command = [sys.executable, "-m", "pipeline.run", str(file), "--column", column]
    return [*command, "--output", str(output), "--json", "--quiet", *options]
