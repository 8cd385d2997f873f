"""The client script: `python -m pipeline.run FILE`.

CSV -- partitions --> byte ranges -- read column --> float64[] -- summarise --> Summary
Summary + Summary -- merge (ordered tree) --> Summary -- finish --> Result --> CSV, JSON
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pipeline import options
from pipeline.terminal import Progress, exits, show

DEFAULT = Path("/mnt/shared/Datos_Hidrometeorologicos.csv")


@click.command(epilog=options.EPILOG)
@click.argument("file", type=click.Path(path_type=Path), default=DEFAULT)
@options.all_of_them
def main(file: Path, **options_given: Any) -> None:
    """Compute the statistics of one column of the CSV FILE, exactly and in parallel.

    FILE defaults to the cluster's share, /mnt/shared/Datos_Hidrometeorologicos.csv. The result is
    the same to the last byte whatever the partitions, the workers and their failures.
    """
    given = options.Options(**options_given)
    with exits(verbose=given.verbose):
        # Dask and the kernels take a second to import: not for --help, nor for a wrong option.
        from pipeline import engine  # noqa: PLC0415
        from pipeline.describe import run  # noqa: PLC0415
        from pipeline.report import write  # noqa: PLC0415

        request = given.request(file)
        with Progress(quiet=given.quiet) as progress:
            with engine.connect(given.scheduler, given.workers) as client:
                outcome = run(request, client, progress)
        written = write(outcome, given.output)
        show(outcome.result, written, as_json=given.json)


if __name__ == "__main__":
    main()
