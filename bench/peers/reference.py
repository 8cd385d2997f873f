"""The reference kernel: the definitions, in plain Python loops. Arguments: FILE COLUMN."""

import csv
import json
import math
import sys
from collections import Counter
from pathlib import Path

WINDOW = 500
PERCENTILES = (10, 25, 50, 75, 90)


def population_variance(window: list[float]) -> float:
    """Mean squared distance from the mean."""
    mean = math.fsum(window) / len(window)
    return math.fsum((value - mean) ** 2 for value in window) / len(window)


def percentile(ordered: list[float], q: float) -> float:
    """Linear interpolation at rank (n - 1) q / 100."""
    rank = (len(ordered) - 1) * q / 100
    below = math.floor(rank)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (rank - below)


def describe(values: list[float]) -> dict[str, object]:
    """Every statistic of the project, over one column held in memory."""
    n = len(values)
    mean = math.fsum(values) / n
    variance = population_variance(values)
    ordered = sorted(values)
    windows = (population_variance(values[i - WINDOW : i]) for i in range(WINDOW, n))
    return {
        "count": n,
        "mean": mean,
        "max": ordered[-1],
        "min": ordered[0],
        "mode": Counter(values).most_common(1)[0][0],
        "variance": variance,
        "std": math.sqrt(variance),
        "kurtosis": math.fsum((v - mean) ** 4 for v in values) / n / variance**2 - 3,
        "skewness": math.fsum((v - mean) ** 3 for v in values) / n / variance**1.5,
        "moving_variance_sum": math.fsum(windows),
        "percentiles": {str(q): percentile(ordered, q) for q in PERCENTILES},
    }


path, name = sys.argv[1:]
with Path(path).open(encoding="utf-8", newline="") as stream:
    cells = [row[name] for row in csv.DictReader(stream)]
present = [float(cell) for cell in cells if cell not in {"", "<nil>"}]
json.dump(describe(present) | {"missing": len(cells) - len(present)}, sys.stdout)
