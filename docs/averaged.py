"""Draw what averaging the variances of parts leaves out: python -m docs.averaged docs/averaged.svg.

The series is that of docs/from-three-containers.md: thirteen months of a sea's temperature.
"""

import sys
from itertools import pairwise
from pathlib import Path

import matplotlib as mpl
import numpy as np
from bokeh.sampledata.sea_surface_temperature import sea_surface_temperature as sea
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

COLOURS = (
    "#0072B2",
    "#D55E00",
    "#009E73",
)  # Okabe and Ito's, which the colour-blind can tell apart
GREY = "#767676"  # as dark on white as on black
PARTS = 3


def draw(path: Path) -> None:
    """Write one picture: the series in three parts, and its two standard deviations."""
    mpl.rcParams |= {
        "svg.hashsalt": "dask-swarm",  # the same series is the same file
        "svg.fonttype": "none",
        "text.color": GREY,
        "axes.labelcolor": GREY,
        "axes.edgecolor": GREY,
        "xtick.color": GREY,
        "ytick.color": GREY,
    }
    figure, (series, spread) = plt.subplots(
        1, 2, figsize=(9, 3.6), layout="constrained", width_ratios=(3, 1), sharey=True
    )
    values = sea["temperature"].to_numpy()
    third = len(values) // PARTS
    cuts = [0, third, 2 * third, len(values)]
    parts = [values[start:stop] for start, stop in pairwise(cuts)]
    for start, part, colour in zip(cuts, parts, COLOURS, strict=False):
        times = sea.index[start : start + len(part)]
        series.plot(times, part, color=colour, linewidth=0.6, rasterized=True)
        mean, std = part.mean(), part.std()
        series.hlines(mean, times[0], times[-1], color=colour, linewidth=2)
        series.fill_between(times[[0, -1]], mean - std, mean + std, color=colour, alpha=0.2)
    series.set_ylabel("temperature of the sea, °C")
    series.set_title("each part, its mean ± its own standard deviation", fontsize="medium")
    averaged = float(np.mean([part.std() for part in parts]))
    _bar(spread, 0, float(values.mean()), averaged)
    _bar(spread, 1, float(values.mean()), float(values.std()))
    spread.set_xticks([0, 1], ["averaged", "exact"])
    spread.set_xlim(-0.6, 1.6)
    spread.set_title("of the whole", fontsize="medium")
    figure.savefig(path, metadata={"Date": None}, transparent=True)
    plt.close(figure)


def _bar(panel: Axes, place: int, mean: float, std: float) -> None:
    """Mean and standard deviation, with their numbers."""
    panel.errorbar(place, mean, std, fmt="o", capsize=8, linewidth=2, color=GREY)
    panel.annotate(
        f"± {std:.3f}", (place, mean - std), (0, -14), textcoords="offset points", ha="center"
    )


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
