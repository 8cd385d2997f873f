"""Pages that are in Spanish, too, keep in step with the English ones."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TRANSLATED = {"README.md": "README.es.md", "docs/tutorial.md": "docs/tutorial.es.md"}
BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^(#+) ", re.MULTILINE)
LINK = re.compile(r"\]\(([^)]+)\)")


@pytest.mark.parametrize("page", TRANSLATED)
def test_a_translation_has_the_same_sections_blocks_and_links(page: str) -> None:
    """In the same order; links may lead to translations, the first one to the other language."""
    english, spanish = ((ROOT / name).read_text("utf-8") for name in (page, TRANSLATED[page]))
    assert BLOCK.findall(spanish) == BLOCK.findall(english)
    english, spanish = BLOCK.sub("", english), BLOCK.sub("", spanish)
    assert HEADING.findall(spanish) == HEADING.findall(english)
    links = [LINK.findall(text.partition("\n\n")[2]) for text in (english, spanish)]
    assert links[0][0] == Path(TRANSLATED[page]).name
    assert links[1][0] == Path(page).name
    assert [link.replace(".es.md", ".md") for link in links[1][1:]] == links[0][1:]
