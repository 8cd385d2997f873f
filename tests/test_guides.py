"""The pages that explain: their blocks run, and print what the page says."""

import re
from pathlib import Path

import pytest

from tests.test_readme import ROOT, run_block

BLOCK = re.compile(
    r"^```(sh|python) run\n(.*?)^```\n(?:\n```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL
)
PAGES = ("docs/tutorial.md", "docs/explanation.md", "docs/from-three-containers.md")


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_shows_is_what_its_blocks_print(page: str, tmp_path: Path) -> None:
    """A block of text right after one that can be run is what that prints."""
    blocks = BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))
    assert blocks
    for language, text, shown in blocks:
        printed = run_block(language, text, tmp_path)
        if shown:
            assert lines(printed) == lines(shown), text


def lines(text: str) -> list[str]:
    """The lines of `text`, without the blanks at their ends."""
    return [line.rstrip() for line in text.rstrip().splitlines()]
