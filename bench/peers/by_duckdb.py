"""The statistics by group with DuckDB. Arguments: FILE COLUMN OUTPUT.csv [month|day].

The groups are stations, and the months or days of each. There is no moving variance.
"""

import sys

import duckdb

PERCENTILES = (10, 25, 50, 75, 90)
FORMAT = "%m/%d/%Y %I:%M:%S %p"
UNITS = {"month": "%Y-%m", "day": "%Y-%m-%d"}

path, name, output, *units = sys.argv[1:]
keys = ["CodigoEstacion"]
shown = ["CodigoEstacion"]
for unit in units:
    keys.append(f"date_trunc('{unit}', FechaObservacion)")
    shown.append(f"strftime({keys[-1]}, '{UNITS[unit]}') AS \"FechaObservacion:{unit}\"")
percentiles = ", ".join(f"p[{i}] AS p{q}" for i, q in enumerate(PERCENTILES, 1))
time = f", timestampformat = '{FORMAT}'" if units else ""
kinds = "'FechaObservacion': 'TIMESTAMP', " if units else ""
database = duckdb.connect()
database.execute(
    f"""
    COPY (
        SELECT * EXCLUDE (g, p), g * (count - 2) / sqrt(count * (count - 1)) AS skewness,
            {percentiles}
        FROM (
            SELECT {", ".join(shown)}, count(x) AS count, count(*) - count(x) AS missing,
                avg(x) AS mean, max(x) AS max, min(x) AS min, mode(x) AS mode,
                var_pop(x) AS variance, stddev_pop(x) AS std, kurtosis_pop(x) AS kurtosis,
                skewness(x) AS g, quantile_cont(x, {[q / 100 for q in PERCENTILES]}) AS p
            FROM (
                SELECT *, "{name}" AS x
                FROM read_csv(
                    $file, header = true, nullstr = ['', '<nil>'], types = {{
                        {kinds} '{name}': 'DOUBLE', 'CodigoEstacion': 'VARCHAR'
                    }} {time}
                )
            )
            GROUP BY CodigoEstacion, {", ".join(keys[1:]) or "CodigoEstacion"}
        )
    ) TO '{output}' (header, delimiter ',')
    """,
    {"file": path},
)
