"""All the statistics by group with Polars. Arguments: FILE COLUMN OUTPUT.csv [month|day].

The groups are stations, and the months or days of each.
"""

import sys

import polars as pl

WINDOW = 500
PERCENTILES = (10, 25, 50, 75, 90)
FORMAT = "%m/%d/%Y %I:%M:%S %p"
UNITS = {"month": "%Y-%m", "day": "%Y-%m-%d"}

path, name, output, *units = sys.argv[1:]
kinds = {name: pl.Float64, "CodigoEstacion": pl.String, "FechaObservacion": pl.String}
scan = pl.scan_csv(path, schema_overrides=kinds, null_values=["<nil>"])
time = pl.col("FechaObservacion").str.to_datetime(FORMAT)
trunc = {"month": "1mo", "day": "1d"}
keys = [time.dt.truncate(trunc[unit]).alias(f"FechaObservacion:{unit}") for unit in units]
x = pl.col(name).drop_nulls()
windows = x.rolling_var(WINDOW, ddof=0).slice(WINDOW - 1, (x.len() - WINDOW).cast(pl.Int64).clip(0))
groups = (
    scan.select("CodigoEstacion", name, *keys)
    .group_by("CodigoEstacion", *(f"FechaObservacion:{unit}" for unit in units))
    .agg(
        count=x.len(),
        missing=pl.col(name).null_count(),
        mean=x.mean(),
        max=x.max(),
        min=x.min(),
        mode=x.mode().first(),
        variance=x.var(ddof=0),
        std=x.std(ddof=0),
        kurtosis=x.kurtosis(),
        skewness=x.skew(),
        moving_variance_sum=windows.sum(),
        **{f"p{q}": x.quantile(q / 100, interpolation="linear") for q in PERCENTILES},
    )
    .collect(engine="streaming")
)
for unit in units:
    groups = groups.with_columns(pl.col(f"FechaObservacion:{unit}").dt.strftime(UNITS[unit]))
groups.write_csv(output)
