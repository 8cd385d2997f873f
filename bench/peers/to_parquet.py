"""All columns of a CSV file to Parquet with Polars. Arguments: FILE COLUMN OUTPUT.parquet.

COLUMN holds numbers, the others are kept as text.
"""

import sys

import polars as pl

path, name, output = sys.argv[1:]
header = pl.scan_csv(path).collect_schema().names()
kinds = dict.fromkeys(header, pl.String) | {name: pl.Float64}
pl.scan_csv(path, schema_overrides=kinds, null_values=["<nil>"]).sink_parquet(
    output, compression="zstd"
)
