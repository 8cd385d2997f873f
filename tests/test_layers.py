"""The layers: imports point one way, and only one module knows Dask."""

from __future__ import annotations

import ast
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
