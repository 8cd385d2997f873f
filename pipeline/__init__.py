"""Exact statistics of a column of a CSV or Parquet file, computed in partitions on Dask.

`describe` returns a `Result`, or raises an `InputError` or a `ClusterError`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from pipeline.errors import ClusterError, InputError

if TYPE_CHECKING:
    from pipeline.api import describe
    from pipeline.statistics.result import Result

__all__ = ["ClusterError", "InputError", "Result", "describe"]

_HOMES = {"describe": "pipeline.api", "Result": "pipeline.statistics.result"}


def __getattr__(name: str) -> Any:
    """Import what needs Dask and the kernels when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module 'pipeline' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
