"""What dask.dataframe can compute, on two worker processes. Arguments: FILE COLUMN.

It has no moving variance over partitions of a CSV that is exact, no mode in bounded memory, and
approximate percentiles.
"""

import json
import sys

import dask.dataframe as dd
from dask.base import compute
from distributed import Client, LocalCluster

PERCENTILES = (10, 25, 50, 75, 90)


def main() -> None:
    """Start two workers, build one graph, compute it."""
    path, name = sys.argv[1:]
    local = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with local as cluster, Client(cluster):
        cells = dd.read_csv(path, usecols=[name], na_values=["<nil>"], dtype={name: "float64"})
        x = cells[name].dropna()
        lazy = {
            "count": x.count(),
            "missing": cells[name].isna().sum(),
            "mean": x.mean(),
            "max": x.max(),
            "min": x.min(),
            "variance": x.var(ddof=0),
            "std": x.std(ddof=0),
            "kurtosis": x.kurtosis(),
            "skewness": x.skew(),
            "percentiles": x.quantile([q / 100 for q in PERCENTILES]),
        }
        (answer,) = compute(lazy)
    answer["percentiles"] = dict(zip(map(str, PERCENTILES), answer["percentiles"], strict=True))
    json.dump(answer, sys.stdout, default=float)


if __name__ == "__main__":
    main()
