"""The generated pages are those that the code would generate now."""

import ast
from pathlib import Path

import pytest

from docs.cli import reference
from docs.pictures import MOST_BYTES
from docs.reliability import RECORDS, page
from tests.faults import FAULTS, faults
from tests.recorder import read

ROOT = Path(__file__).parents[1]


def test_command_reference_is_current() -> None:
    """docs/cli.md equals the help of the commands; if not, run make docs."""
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == reference()


def test_reliability_page_is_current() -> None:
    """docs/reliability.md says what was recorded of each fault, and that all went as it must."""
    assert (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8") == page()
    records = read(RECORDS)
    assert faults().keys() == records.keys(), "run make reliability"
    assert [name for name, record in records.items() if record.failed] == []


@pytest.mark.parametrize("path", FAULTS)
def test_every_fault_has_a_test(path: str) -> None:
    """One that was renamed is renamed in tests/faults.py, too."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    there = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert [fault.name for fault in FAULTS[path] if fault.name not in there] == []


def test_pictures_are_small() -> None:
    """Who clones the repository gets all of them."""
    pictures = list((ROOT / "docs" / "pictures").glob("*.png"))
    assert pictures
    assert [path.name for path in pictures if path.stat().st_size > MOST_BYTES] == []
