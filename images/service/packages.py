"""Import every package of the environment: an image that lacks a part of one is not built."""

import sys
from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import packages_distributions

LEFT_OUT = {"docs", "examples", "test", "tests", "typings"}
"""What no program imports: some libraries install it by mistake, and `typings` is stubs alone."""

FEATURES = (
    "dask.array",
    "dask.dataframe",
    "distributed.dashboard.scheduler",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "scipy.stats",
)
"""What programs on the cluster import, and no package imports by itself."""


def missing() -> Iterator[str]:
    """Yield a sentence for each package of which nothing can be imported, or not a feature."""
    modules = defaultdict(list)
    for name, owners in sorted(packages_distributions().items()):
        if name.isidentifier() and name not in LEFT_OUT:
            for owner in owners:
                modules[owner].append(name)
    for owner, names in (*modules.items(), *((feature, [feature]) for feature in FEATURES)):
        # One of several may be for a use that needs more: it is not needed here.
        failures = [failure for name in names if (failure := _failure(name))]
        if len(failures) == len(names):
            remedy = "name a base image with what it lacks in image.base, or leave it out"
            yield f"{owner} cannot be imported in the image ({failures[-1]}): {remedy}"


def _failure(name: str) -> str:
    """Import a module; return what it lacks, if it cannot be."""
    try:
        import_module(name)
    except (ImportError, OSError) as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 (some want to be imported before others, or alone)
        print(f"{name}: {error}", file=sys.stderr)  # noqa: T201
    return ""


if __name__ == "__main__":
    sys.exit("\n".join(missing()) or None)
