"""Measurements as a page of Markdown."""

import os
import platform
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path

from bench.programs import OURS
from bench.results import Comparison, Figure, Measured

PACKAGES = ("dask", "numba", "numpy", "pandas", "polars", "duckdb")
METHOD = (
    "Whole processes over a file in the page cache, run in turn; medians. "
    "Memory is that of the largest process."
)
MIB = 1 << 20


def report(measured: Sequence[Measured], command: str) -> str:
    """The page: goals first, then every comparison, then the machine."""
    figures = [item for item in measured if isinstance(item, Figure)]
    comparisons = [item for item in measured if isinstance(item, Comparison)]
    parts = [
        "# Benchmarks",
        f"Written by `{command}`. {METHOD}",
        _machine(),
    ]
    if figures:
        parts += ["## Goals", _table(("figure", "goal", "measured", ""), map(_goal, figures))]
    for compared in comparisons:
        rows = (_program(compared, name) for name in compared.timings)
        heads = ("program", "seconds", "this project / it", "CPU seconds", "memory, MiB", "answers")
        parts += [f"## `{compared.file}`", _table(heads, rows)]
    return "\n\n".join(parts) + "\n"


def _goal(figure: Figure) -> tuple[str, ...]:
    goal, value = f"≤ {figure.goal:g} {figure.unit}", f"{figure.value:.4g} {figure.unit}"
    return figure.what, goal.strip(), value.strip(), "reached" if figure.reached else "**missed**"


def _program(compared: Comparison, name: str) -> tuple[str, ...]:
    timing, ours = compared.timings[name], compared.timings[OURS]
    answers = ""
    if name in compared.differing:
        differing = ", ".join(sorted(compared.differing[name]))
        answers = f"differ: {differing}" if differing else "agree"
    ratio = f"{ours.seconds / timing.seconds:.2f}"
    processor, peak = f"{timing.processor:.2f}", f"{timing.peak / MIB:.0f}"
    return name, f"{timing.seconds:.2f}", ratio, processor, peak, answers


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _machine() -> str:
    processor = next(
        (
            line.split(": ", 1)[1]
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{package} {metadata.version(package)}" for package in PACKAGES)
    return (
        f"{os.cpu_count()} cores ({processor}), {memory:.0f} GiB, Linux {platform.release()}, "
        f"Python {platform.python_version()}, {versions}."
    )
