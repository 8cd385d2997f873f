"""Make the files, measure, and print one page of Markdown: python -m bench."""

import compileall
import shlex
import sys
from pathlib import Path

import click

from bench.lab import Lab
from bench.measurements import MEASUREMENTS
from bench.process import ROOT
from bench.programs import PROGRAMS
from bench.report import report
from bench.results import Comparison, Measured


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("data/bench"),
    show_default=True,
    help="Where the files are made and kept; 29 GB at full size.",
)
@click.option(
    "--scale", type=float, default=1.0, show_default=True, help="Rows of every file; 1 is full."
)
@click.option("--rounds", type=int, default=5, show_default=True, help="Runs of each program.")
@click.option(
    "--only",
    type=click.Choice(list(MEASUREMENTS)),
    multiple=True,
    help="Take this measurement; may be given several times. All by default.",
)
@click.option("--write", type=click.Path(path_type=Path, dir_okay=False), help="Also to this file.")
def main(data: Path, scale: float, rounds: int, only: tuple[str, ...], write: Path | None) -> None:
    """Measure this project beside its peers.

    Example: python -m bench --scale 0.01 --rounds 3 --only bulk
    """
    # As pip does with what it installs, the peers among it; Python may be told not to do it itself.
    compileall.compile_dir(ROOT / "pipeline", quiet=1)
    lab = Lab(data, scale, rounds)
    measured: list[Measured] = []
    for name in only or MEASUREMENTS:
        click.echo(f"measuring {name}", err=True)
        measured += MEASUREMENTS[name](lab)
    page = report(measured, shlex.join(["python", "-m", "bench", *sys.argv[1:]]))
    click.echo(page)
    if write:
        write.write_text(page, encoding="utf-8")
    if wrong := _disagreements(measured):
        raise click.ClickException("Answers differ that should agree: " + "; ".join(wrong))


def _disagreements(measured: list[Measured]) -> list[str]:
    return [
        f"{peer} on {compared.file}: {', '.join(unexpected)}"
        for compared in measured
        if isinstance(compared, Comparison)
        for peer, names in compared.differing.items()
        if (unexpected := set(names) - PROGRAMS[peer].approximate)
    ]


if __name__ == "__main__":
    main()
