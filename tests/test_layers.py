"""The layers are the folders: imports go down, never in a circle, and one package knows Dask.

Imports for annotations alone count too, for a type that is named is a module that is known.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("pipeline", "cluster")
DASK = {"dask", "distributed"}

FRONT_DOORS = {"__init__", "api", "run", "convert", "sample"}
LAYERS = (
    ("front doors",),
    ("cli", "report"),
    ("engine",),
    ("request",),
    ("partitions",),
    ("statistics", "formats"),
    ("numeric",),
    ("errors", "reject", "defaults", "atomic", "fingerprint", "ahead"),
)
"""The rooms of `pipeline`, from the top down. Rooms of one line do not import each other."""


def modules(package: str) -> dict[str, Path]:
    """Return the package's modules by their dotted names; a folder's is that of its `__init__`."""
    found = {}
    for path in (ROOT / package).rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if path.stem == "__init__" else parts)] = path
    return found


def imports(path: Path, *, typing: bool = True) -> set[str]:
    """Return the names a module imports, in functions too; without *typing*, what it runs with."""
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
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def graph(package: str) -> dict[str, set[str]]:
    """Return which modules of the package each of its modules imports."""
    found = modules(package)

    def module(name: str) -> str:
        return name if name in found else name.rpartition(".")[0]

    return {
        name: {module(imported) for imported in imports(path)} & found.keys()
        for name, path in found.items()
    }


def circles(needs: dict[str, set[str]]) -> set[frozenset[str]]:
    """Return the sets of modules that import each other, directly or through others."""

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        todo = [start]
        while todo:
            for name in needs[todo.pop()] - seen:
                seen.add(name)
                todo.append(name)
        return seen

    below = {name: reached(name) for name in needs}
    return {
        frozenset(other for other in below[name] if name in below[other])
        for name in needs
        if name in below[name]
    }


def room(module: str) -> str:
    """Return the folder in `pipeline` that holds a module, or what a module at its root is."""
    name = [*module.split("."), "__init__"][1]
    return "front doors" if name in FRONT_DOORS else name


@pytest.mark.parametrize("package", PACKAGES)
def test_no_imports_go_in_a_circle(package):
    """No module knows, directly or through others, one that knows it."""
    assert not circles(graph(package))


def test_imports_go_down_the_layers():
    """A module imports from its own room and from those below it."""
    floor = {name: i for i, rooms in enumerate(LAYERS) for name in rooms}
    needs = graph("pipeline")
    assert {room(name) for name in needs} == floor.keys()
    upward = {
        (name, other)
        for name in needs
        for other in needs[name]
        if room(name) != room(other) and floor[room(name)] >= floor[room(other)]
    }
    assert not upward


def test_only_the_engine_imports_dask():
    """Other modules name types of Dask in annotations only."""
    importers = {
        room(name)
        for name, path in modules("pipeline").items()
        if {imported.split(".")[0] for imported in imports(path, typing=False)} & DASK
    }
    assert importers == {"engine"}


def test_a_folder_imports_nothing_by_itself():
    """Importing one module of a folder must not import Dask or numba, or `--help` becomes slow."""
    for path in (ROOT / "pipeline").glob("*/**/__init__.py"):
        tree = ast.parse(path.read_text("utf-8"))
        assert ast.get_docstring(tree), path
        assert len(tree.body) == 1, path


def test_contributing_shows_every_folder():
    """The tree in CONTRIBUTING has a line for each folder and each module at the root."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    tree = text.partition("    pipeline/\n")[2].partition("\n\n")[0]
    lines = re.findall(r"^ +((?:\w+(?:/|\.py) +)+)\S", tree, re.MULTILINE)
    shown = {name for line in lines for name in line.split()}
    names = modules("pipeline").values()
    folders = {f"{path.parent.name}/" for path in names} - {"pipeline/"}
    files = {path.name for path in names if path.parent.name == "pipeline"} - {"__init__.py"}
    assert shown == folders | files


@pytest.mark.parametrize(("package", "other"), [PACKAGES, PACKAGES[::-1]])
def test_the_packages_do_not_know_each_other(package, other):
    """The pipeline and the cluster meet at the stack and at a scheduler's address only."""
    for name, path in modules(package).items():
        known = {imported.split(".")[0] for imported in imports(path)}
        assert other not in known, name
