"""The house is kept small: no long file, no long function but the kernels."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
FOLDERS = ("bench", "cluster", "docs", "images", "pipeline", "tests")
MOST_LINES_OF_A_FILE = 300
MOST_LINES_OF_A_FUNCTION = 60
KERNELS = {"kernel", "inlined"}


def sources() -> Iterator[tuple[str, str]]:
    """Yield the paths and the texts of all Python files."""
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.py"):
            yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")


def test_no_file_is_long():
    """A file holds one concept, which a reader takes in at once."""
    long = {name for name, text in sources() if text.count("\n") > MOST_LINES_OF_A_FILE}
    assert not long


def lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return how many lines a function has; its docstring does not count."""
    first = function.body[0] if ast.get_docstring(function, clean=False) else None
    documented = (first.end_lineno or 0) - first.lineno + 1 if first else 0
    return (function.end_lineno or 0) - function.lineno + 1 - documented


def test_no_function_is_long():
    """A function does one thing; a kernel is one loop, because calls cost time there."""
    long = {
        f"{name}:{node.name}"
        for name, text in sources()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and lines(node) > MOST_LINES_OF_A_FUNCTION
        and not KERNELS & {ast.unparse(decorator) for decorator in node.decorator_list}
    }
    assert not long
