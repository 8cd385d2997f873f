"""Import every package of the environment: an image that lacks a part of one is not built."""

from importlib import import_module
from importlib.metadata import packages_distributions

STUBS = {"typings"}
"""Holds type stubs alone, which the image does without."""

FEATURES = (
    "dask.array",
    "dask.dataframe",
    "distributed.dashboard.scheduler",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "scipy.stats",
)
"""What programs on the cluster import, and no package imports by itself."""

if __name__ == "__main__":
    for name in (*sorted(packages_distributions().keys() - STUBS), *FEATURES):
        import_module(name)
