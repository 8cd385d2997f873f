"""All the statistics with pandas, which reads one column. Arguments: FILE COLUMN."""

import json
import sys

import pandas as pd

WINDOW = 500
PERCENTILES = (10, 25, 50, 75, 90)

path, name = sys.argv[1:]
cells = pd.read_csv(path, usecols=[name], na_values=["<nil>"], dtype={name: "float64"})[name]
x = cells.dropna()
counts = x.groupby(x, sort=False).size()
moments = {power: ((x - x.mean()) ** power).mean() for power in (2, 3, 4)}
variance = moments[2]
answer = {
    "count": len(x),
    "missing": len(cells) - len(x),
    "mean": x.mean(),
    "max": x.max(),
    "min": x.min(),
    "mode": counts.idxmax(),
    "variance": variance,
    "std": variance**0.5,
    "kurtosis": moments[4] / variance**2 - 3,
    "skewness": moments[3] / variance**1.5,
    "moving_variance_sum": x.rolling(WINDOW).var(ddof=0).iloc[WINDOW - 1 : -1].sum(),
    "percentiles": {str(q): x.quantile(q / 100) for q in PERCENTILES},
}
json.dump(answer, sys.stdout)
