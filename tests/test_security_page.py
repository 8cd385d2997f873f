"""Each claim of docs/security.md names tests that exist."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "security.md").read_text("utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def rows() -> list[str]:
    """Return the lines of the table of claims."""
    table = TEXT.partition("| claim | shown by |\n|---|---|\n")[2].partition("\n\n")[0]
    return table.splitlines()


def functions(path: str) -> set[str]:
    """Return the names of the functions of a file of tests."""
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_claim_names_a_test():
    """A claim without one would be a hope."""
    assert rows()
    assert [row for row in rows() if not NAMED.search(row)] == []


def test_every_named_test_exists():
    """It may have been renamed."""
    missing = [(path, name) for path, name in NAMED.findall(TEXT) if name not in functions(path)]
    assert missing == []
