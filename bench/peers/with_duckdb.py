"""The statistics with DuckDB. Arguments: FILE COLUMN [--moving].

The moving variance takes DuckDB a table and an order, so it is an option.
"""

import json
import sys

import duckdb

WINDOW = 500
PERCENTILES = (10, 25, 50, 75, 90)

path, name = sys.argv[1:3]
moving = "--moving" in sys.argv
read = f"""
    SELECT "{name}" AS x
    FROM read_csv(?, header = true, types = {{'{name}': 'DOUBLE'}}, nullstr = ['', '<nil>'])
"""
statistics = f"""
    SELECT count(x) AS count, count(*) - count(x) AS missing, avg(x) AS mean, max(x) AS max,
        min(x) AS min, mode(x) AS mode, var_pop(x) AS variance, stddev_pop(x) AS std,
        kurtosis_pop(x) AS kurtosis, skewness(x) AS skewness,
        quantile_cont(x, {[q / 100 for q in PERCENTILES]}) AS percentiles
"""
windows = f"""
    SELECT coalesce(sum(v), 0) FROM (
        SELECT var_pop(x) OVER (ORDER BY row ROWS BETWEEN {WINDOW} PRECEDING AND 1 PRECEDING) AS v,
            row
        FROM (SELECT x, row_number() OVER () AS row FROM cells WHERE x IS NOT NULL)
    ) WHERE row > {WINDOW}
"""
database = duckdb.connect()
if moving:
    database.execute(f"CREATE TABLE cells AS {read}", [path])
    database.execute(f"{statistics} FROM cells")
else:
    database.execute(f"{statistics} FROM ({read})", [path])
names = [column[0] for column in database.description]
answer = dict(zip(names, database.fetchall()[0], strict=True))
if moving:
    [(answer["moving_variance_sum"],)] = database.execute(windows).fetchall()
answer["percentiles"] = dict(zip(map(str, PERCENTILES), answer["percentiles"], strict=True))
n = answer["count"]
# DuckDB has the skewness of a sample only: G1 = g1 * sqrt(n(n-1)) / (n-2), taken back here.
answer["skewness"] *= (n - 2) / (n * (n - 1)) ** 0.5
json.dump(answer, sys.stdout)
