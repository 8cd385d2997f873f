"""Draw how a run's time grows with its size: python -m bench.curve docs/scaling.svg."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import EngFormatter

from bench import workers
from bench.data import one_column
from bench.lab import Lab
from bench.measurements import describing, medians

ROWS = 32_000_000
PROCESSOR = 0.2
Points = dict[int, float]


@dataclass(frozen=True)
class Curve:
    """Seconds of a run over one quantity, on a cluster that is up."""

    quantity: str
    setting: str
    points: Points


def rows(lab: Lab) -> Curve:
    """The twelve-column file, from a million rows up."""
    counts = [round(count * lab.scale) for count in (10**6, 2 * 10**6, 4 * 10**6, 8 * 10**6, ROWS)]
    files = [lab.file("bulk", count) for count in counts]
    with workers.cluster(2) as two:
        points = _points(lab, counts, [describing(file, two) for file in files])
    return Curve("rows", "two workers", points)


def partitions(lab: Lab) -> Curve:
    """The same file, in more and more parts."""
    counts = [2, 10, 100, 1_000]
    file = lab.file("bulk")
    with workers.cluster(2) as two:
        points = _points(lab, counts, [describing(file, two, count) for count in counts])
    return Curve("partitions", f"{lab.rows('bulk'):,} rows, two workers", points)


def slow_workers(lab: Lab) -> Curve:
    """The same file on more and more workers, each of a fifth of a processor."""
    counts = [1, 2, 4, 8]
    file = lab.file("bulk")
    points: Points = {}
    for count in counts:
        with workers.cluster(count, PROCESSOR) as held:
            points |= _points(lab, [count], [describing(file, held)])
    return Curve("workers", f"{lab.rows('bulk'):,} rows, {PROCESSOR} CPU a worker", points)


def distinct(lab: Lab) -> Curve:
    """One column of equal length with more and more distinct values."""
    total = round(10**7 * lab.scale)
    counts = [10**power for power in range(2, 8) if 10**power <= total]
    files = [lab.made(f"{count}-distinct", total, one_column(count / total)) for count in counts]
    with workers.cluster(2) as two:
        points = _points(lab, counts, [describing(file, two) for file in files])
    return Curve("distinct values", f"{total:,} rows of one column, two workers", points)


def draw(curves: list[Curve], path: Path) -> None:
    """Write one picture with a panel for each curve."""
    mpl.rcParams["svg.hashsalt"] = "dask-swarm"  # the same curves are the same file
    figure, panels = plt.subplots(2, 2, figsize=(9, 6), layout="constrained")
    for panel, curve in zip(panels.flat, curves, strict=True):
        _panel(panel, curve)
    figure.savefig(path, metadata={"Date": None})


def _panel(panel: Axes, curve: Curve) -> None:
    panel.plot(list(curve.points), list(curve.points.values()), marker="o")
    panel.set_xscale("log")
    panel.set_xticks(list(curve.points), [EngFormatter(sep="")(count) for count in curve.points])
    panel.set_xticks([], minor=True)
    panel.set_ylim(bottom=0)
    panel.set_xlabel(curve.quantity)
    panel.set_ylabel("seconds")
    panel.set_title(curve.setting, fontsize="medium")
    panel.grid(visible=True, alpha=0.3)


def _points(lab: Lab, at: list[int], actions: list[Callable[[], object]]) -> Points:
    return dict(zip(at, medians(lab, *actions), strict=True))


@click.command()
@click.argument("picture", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--data", type=click.Path(path_type=Path), default=Path("data/bench"))
@click.option("--scale", type=float, default=1.0, show_default=True, help="Rows; 1 is full size.")
@click.option("--rounds", type=int, default=3, show_default=True, help="Runs of each point.")
def main(picture: Path, data: Path, scale: float, rounds: int) -> None:
    """Measure all curves, draw them to PICTURE, and print their points."""
    lab = Lab(data, scale, rounds)
    curves = [measure(lab) for measure in (rows, partitions, slow_workers, distinct)]
    draw(curves, picture)
    for curve in curves:
        click.echo(f"{curve.quantity} ({curve.setting})")
        for count, seconds in curve.points.items():
            click.echo(f"  {count:>12,} {seconds:9.2f} s")


if __name__ == "__main__":
    main()
