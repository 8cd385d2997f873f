"""The generated pages are those that the code would generate now."""

from pathlib import Path

from docs.cli import reference

ROOT = Path(__file__).parents[1]


def test_command_reference_is_current() -> None:
    """docs/cli.md equals the help of the commands; if not, run make docs."""
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == reference()
