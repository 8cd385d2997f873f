"""The layers: imports point one way, and only one module knows Dask."""

from __future__ import annotations

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("pipeline", "cluster")
DASK = {"dask", "distributed"}


def modules(package: str) -> dict[str, Path]:
    """Return the package's modules by their dotted names."""
    paths = (ROOT / package).rglob("*.py")
    return {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in paths}


def imports(path: Path, *, typing: bool) -> set[str]:
    """Return what a module imports, in functions too; with *typing*, also for annotations only."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if not typing and isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return names


def graph(package: str) -> dict[str, set[str]]:
    """Return which modules of the package each of its modules needs to run."""
    found = modules(package)
    return {name: imports(path, typing=False) & found.keys() for name, path in found.items()}


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_point_one_way(package):
    """No module needs, directly or through others, one that needs it."""
    TopologicalSorter(graph(package)).prepare()


def layers() -> dict[str, int]:
    """Return the modules of `pipeline`, each with its line of the table in CONTRIBUTING."""
    lines = (ROOT / "CONTRIBUTING.md").read_text("utf-8").splitlines()
    rows = [line.split("|")[2] for line in lines if line.startswith("| ")]
    named = [re.findall(r"`(\w+)`", row) for row in rows]
    return {f"pipeline.{module}": i for i, modules in enumerate(named) for module in modules}


def test_imports_go_down_the_table_in_contributing():
    """Every module has its layer, and needs none above it."""
    layer = layers()
    needs = graph("pipeline")
    del needs["pipeline.__init__"]
    assert layer.keys() == needs.keys()
    upwards = {(a, b) for a in needs for b in needs[a] & layer.keys() if layer[b] < layer[a]}
    assert not upwards


@pytest.mark.parametrize(("package", "other"), [PACKAGES, PACKAGES[::-1]])
def test_the_packages_do_not_know_each_other(package, other):
    """The pipeline and the cluster meet at the stack and at a scheduler's address only."""
    for name, path in modules(package).items():
        known = {imported.split(".")[0] for imported in imports(path, typing=True)}
        assert other not in known, name


def test_only_the_engine_imports_dask():
    """Whatever else names a type of Dask does so for annotations."""
    importers = {
        name
        for name, path in modules("pipeline").items()
        if {imported.split(".")[0] for imported in imports(path, typing=False)} & DASK
    }
    assert importers == {"pipeline.engine"}


def test_the_arithmetic_knows_neither_files_nor_dask():
    """From exact integers to the Result nothing reads, and nothing knows where it runs."""
    reachable, todo = set(), ["pipeline.finish", "pipeline.summary"]
    needs = graph("pipeline")
    while todo:
        name = todo.pop()
        if name not in reachable:
            reachable.add(name)
            todo += needs[name]
    assert not reachable & {
        "pipeline.engine",
        "pipeline.table",
        "pipeline.column",
        "pipeline.csv_table",
        "pipeline.partition",
        "pipeline.output",
    }
