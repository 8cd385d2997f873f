"""All the statistics with Polars: a streaming scan of one column. Arguments: FILE COLUMN."""

import json
import sys

import polars as pl

WINDOW = 500
PERCENTILES = (10, 25, 50, 75, 90)

path, name = sys.argv[1:]
scan = pl.scan_csv(path, schema_overrides={name: pl.Float64}, null_values=["<nil>"])
cells = scan.select(pl.col(name)).collect(engine="streaming")[name]
values = cells.drop_nulls()
# Polars' own mode() gives all of several in no order; the first in the file is asked for.
counts = values.to_frame().with_row_index("row").group_by(name).agg(pl.len(), pl.col("row").min())
mode = counts.sort(["len", "row"], descending=[True, False])[name][0]
x = pl.col(name)
windows = x.rolling_var(WINDOW, ddof=0).slice(WINDOW - 1, max(len(values) - WINDOW, 0))
row = (
    values.to_frame()
    .lazy()
    .select(
        mean=x.mean(),
        max=x.max(),
        min=x.min(),
        variance=x.var(ddof=0),
        std=x.std(ddof=0),
        kurtosis=x.kurtosis(),
        skewness=x.skew(),
        moving_variance_sum=windows.sum(),
        **{str(q): x.quantile(q / 100, interpolation="linear") for q in PERCENTILES},
    )
    .collect()
    .row(0, named=True)
)
percentiles = {str(q): row.pop(str(q)) for q in PERCENTILES}
counted = {"count": len(values), "missing": cells.null_count(), "mode": mode}
json.dump(counted | row | {"percentiles": percentiles}, sys.stdout)
