"""The one command of an installed package: `dask-swarm run ...` is `python -m pipeline.run ...`."""

from __future__ import annotations

import runpy
import sys

_MODULES = {
    "run": ("pipeline.run", "compute the statistics of columns of files"),
    "convert": ("pipeline.convert", "make a Parquet file that is read faster"),
    "sample": ("pipeline.sample", "write a sample file"),
    "cluster": ("cluster", "make machines into a cluster"),
}

_USAGE_ERROR = 2


def main() -> None:
    """Start the module that the first argument names, as the program."""
    name, *arguments = sys.argv[1:] or [""]
    if name in _MODULES:
        sys.argv[1:] = arguments
        runpy.run_module(_MODULES[name][0], run_name="__main__", alter_sys=True)
    else:
        _say_usage(name)


def _say_usage(name: str) -> None:
    import click

    asked = name in ("--help", "-h")
    click.echo(_usage(), err=not asked)
    if not asked:
        wrong = f"there is no command {name!r}" if name else "a command is missing"
        click.echo(f"\nerror: {wrong}", err=True)
        sys.exit(_USAGE_ERROR)


def _usage() -> str:
    width = max(map(len, _MODULES))
    lines = [f"  {name:{width}}  {what}" for name, (_, what) in _MODULES.items()]
    return "\n".join(
        ["Usage: dask-swarm COMMAND ...", "", *lines, "", "Each of them takes --help."]
    )
