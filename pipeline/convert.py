"""From CSV to Parquet: `python -m pipeline.convert IN.csv OUT.parquet`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pipeline.cli import options
from pipeline.cli.terminal import Progress, exits

EPILOG = """\b
Examples:
  python -m pipeline.convert data.csv data.parquet
  python -m pipeline.convert data.csv data.parquet --columns ValorObservado,CodigoEstacion
  python -m pipeline.convert export.csv export.parquet --no-header --columns 1,3 --numbers 3
  python -m pipeline.run data.parquet

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""


@click.command(epilog=EPILOG)
@click.argument("source", metavar="IN.csv", type=click.Path(path_type=Path))
@click.argument("target", metavar="OUT.parquet", type=click.Path(path_type=Path))
@options.of_convert
def main(source: Path, target: Path, **given: Any) -> None:
    """Keep some columns of the CSV file IN.csv in the Parquet file OUT.parquet.

    A run over OUT.parquet gives the same results as one over IN.csv, and reads a fraction of the
    bytes. Rows stay in order. Numbers become float64, null where they are missing; what
    --on-invalid skip leaves out becomes infinite, which a run takes for invalid again. All else is
    kept as text. OUT.parquet is complete, or absent, and the same bytes whatever the partitions.
    """
    chosen = options.Convert(**given)
    with exits(verbose=chosen.verbose):
        # Dask, Arrow and the kernels take seconds to import: not for --help.
        from functools import partial

        from pipeline.conversion import Conversion, convert
        from pipeline.engine.connect import connect

        reading, partitioning = chosen.reading(chosen.columns[0]), chosen.partitioning()
        conversion = Conversion(
            source, target, reading, chosen.columns, chosen.numbers, partitioning
        )
        cluster = partial(connect, chosen.scheduler, chosen.workers)
        with Progress(quiet=chosen.quiet) as progress:
            written = convert(conversion, cluster, progress)
        if written.invalid:
            progress.notice(f"{written.invalid:,} invalid cells are infinite in {target}")
        click.echo(f"written: {target} ({written.rows:,} rows, {written.size:,} bytes)")


if __name__ == "__main__":
    main()
