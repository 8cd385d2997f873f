"""The documentation as a site: it builds without a warning, and needs no network."""

from __future__ import annotations

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from docs.averaged import draw
from docs.notebook import execute, kept
from docs.site import NOTEBOOK, build, contents

if TYPE_CHECKING:
    import nbformat

ROOT = Path(__file__).parents[1]
LOADING = {"script": "src", "img": "src", "iframe": "src", "link": "href", "source": "src"}
IN_THE_TEXT = "automount"
TEXT = re.compile(r"<text[^>]*>([^<]*)</text>")


class Loaded(HTMLParser):
    """Collects what a page loads by itself, and the pages of the site that it leads to."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self.loads: list[str] = []
        self.leads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if address := given.get(LOADING.get(tag, "")):
            self.loads.append(address)
        if tag == "a" and (address := given.get("href")) and "://" not in address:
            self.leads.append(address)


@pytest.fixture(scope="module")
def notebook() -> nbformat.NotebookNode:
    return execute(ROOT / f"{NOTEBOOK}.ipynb")


@pytest.fixture(scope="module")
def site(notebook: nbformat.NotebookNode, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs") / "site"
    assert build(folder, notebook) == 0
    return folder


def parsed(page: Path) -> Loaded:
    found = Loaded()
    found.feed(page.read_text("utf-8"))
    return found


def test_the_notebook_shows_what_it_kept(notebook):
    """The worked notebook runs from top to bottom, and shows what stands in its file."""
    assert kept(notebook) == (ROOT / f"{NOTEBOOK}.ipynb").read_text("utf-8"), "run make docs"


def test_what_pages_load_is_there(site):
    """Scripts, styles and pictures lie beside the pages; no page loads from elsewhere."""
    pages = [page for page in site.rglob("*.html") if page.parent.name != "_frames"]
    assert len(pages) > 30
    for page in pages:
        for address in set(parsed(page).loads) - {"#"}:
            assert not re.match(r"[a-z]+:|//", address.removeprefix("data:")), address
            if not address.startswith("data:"):
                assert (page.parent / address.partition("?")[0]).exists(), (page, address)


def test_links_lead_to_pages(site):
    """And to places on them."""
    ids: dict[Path, str] = {}
    for page in site.rglob("*.html"):
        for address in parsed(page).leads:
            file, _, place = address.partition("#")
            target = (page.parent / file).resolve() if file else page
            if target.suffix == ".html" and place:
                text = ids.setdefault(target, target.read_text("utf-8"))
                assert f'id="{place}"' in text, (page, address)
            assert file.startswith("mailto:") or target.exists(), (page, address)


def test_the_reference_is_that_of_the_code(site):
    """Each argument, each statistic and each option is on the page that the code filled in."""
    text = (site / "docs/api.html").read_text("utf-8")
    for words in ("pipeline.describe", "valid_range", "moving_variance_sum", "to_frame", "iqr"):
        assert words in text
    assert "--valid-range" in (site / "docs/cli.html").read_text("utf-8")


def test_every_page_is_listed(site):
    """The first page leads to all others; an orphan would be a warning."""
    first = (site / "index.html").read_text("utf-8")
    for page in ("tutorial", "groups", "notebook", "explanation", "from-three-containers", "api"):
        assert f'href="docs/{page}.html"' in first
    assert "{toctree}" in contents("Of", ("these",))


def test_the_picture_of_the_averages_is_current(tmp_path):
    """Its numbers are those that would be drawn now."""
    draw(tmp_path / "averaged.svg")
    drawn = TEXT.findall((tmp_path / "averaged.svg").read_text("utf-8"))
    assert "± 5.355" in drawn
    assert drawn == TEXT.findall((ROOT / "docs/averaged.svg").read_text("utf-8")), "run make docs"


@pytest.mark.browser
def test_a_browser_asks_for_nothing_else(site):
    """Opened from the folder, pages and search work and say nothing to the console.

    The search is of the texts, for the word stands in no heading.
    """
    if shutil.which("chromium") is None:
        pytest.skip("needs Chromium")
    asked: list[str] = []
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else 0)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        for name in ("index", "docs/notebook", "docs/api", "docs/from-three-containers"):
            page.goto((site / f"{name}.html").as_uri())
            page.wait_for_load_state("networkidle")
        page.goto((site / "search.html").as_uri() + f"?q={IN_THE_TEXT}")
        page.wait_for_selector("ul.search li a")
        found = page.locator("ul.search li a").evaluate_all("all => all.map(one => one.href)")
        browser.close()
    assert any("docs/cluster.html" in address for address in found), found
    assert not complaints
    assert [url for url in asked if not re.match(r"file:|data:|blob:|about:", url)] == []
