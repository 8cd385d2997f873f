"""Build the documentation as a site: python -m docs.site out/site.

The pages are gathered beside it and lie there as they do in the repository, so that a link is right
in both. Only the README has another name: it is the first page, and lists all others.
"""

import os
import shutil
import sys
from pathlib import Path

import nbformat
from sphinx.cmd.build import build_main

from docs.notebook import execute, page

ROOT = Path(__file__).parents[1]
PAGES = ("*.md", "cluster.example.toml", "LICENSE", "bench/*.md", "docs/**/*")
NOTEBOOK = "docs/notebook"
RENAMED = {"README.md": "index.md", f"{NOTEBOOK}.ipynb": f"{NOTEBOOK}.md"}
FRAGMENTS = {"limits.md"}  # parts of other pages
KINDS = {".md", ".svg", ".png", ".json", ".toml", ".ipynb", ""}

CONTENTS = {
    "Tutorial": ("docs/tutorial",),
    "How to": (
        "docs/groups",
        "docs/notebook",
        "docs/cluster",
        "docs/swarm",
        "docs/dashboard",
        "docs/from-three-containers",
    ),
    "Reference": (
        "docs/cli",
        "docs/pictures",
        "docs/api",
        "docs/security",
        "docs/reliability",
        "CHANGELOG",
    ),
    "Explanation": (
        "docs/explanation",
        "docs/scaling",
        "Beside other programs <bench/README>",
        "docs/decisions/README",
    ),
    "Contributing": ("CONTRIBUTING",),
    "En español": ("README.es", "docs/tutorial.es"),
}


def contents(caption: str, pages: tuple[str, ...]) -> str:
    """The part of the list of pages that stands under `caption`."""
    return "\n".join(
        ["", "```{toctree}", ":hidden:", f":caption: {caption}", ":glob:", "", *pages, "```", ""]
    )


def gather(pages: Path, notebook: nbformat.NotebookNode) -> None:
    """Make the folder `pages` anew: every page, and what pages show or link to.

    `notebook` is the worked notebook, as it was run.
    """
    shutil.rmtree(pages, ignore_errors=True)
    for path in (path for pattern in PAGES for path in ROOT.glob(pattern)):
        if path.is_file() and path.suffix in KINDS and path.name not in FRAGMENTS:
            copy = pages / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    page(notebook, pages / f"{NOTEBOOK}.md")
    decisions = pages / "docs/decisions/README.md"
    decisions.write_text(decisions.read_text("utf-8") + contents("Decisions", ("*",)), "utf-8")
    first = pages / "README.md"
    parts = (contents(*part) for part in CONTENTS.items())
    first.write_text(first.read_text("utf-8") + "".join(parts), "utf-8")
    for path in pages.rglob("*.md"):
        path.write_text(_renamed(path, pages), encoding="utf-8")
    first.rename(pages / "index.md")


def _renamed(path: Path, pages: Path) -> str:
    """The text of a page, its links to pages that have another name there set right."""
    text = path.read_text(encoding="utf-8")
    for old, new in RENAMED.items():
        before = Path(os.path.relpath(pages / old, path.parent)).as_posix()
        after = Path(os.path.relpath(pages / new, path.parent)).as_posix()
        text = text.replace(f"]({before}", f"]({after}")
    return text


def build(site: Path, notebook: nbformat.NotebookNode) -> int:
    """Build the folder `site`; return 0, or another number where anything is amiss.

    `notebook` is the worked notebook, as it was run. A link that leads nowhere is told, and then
    the number is not 0.
    """
    pages = site.parent / "pages"
    gather(pages, notebook)
    shutil.rmtree(site, ignore_errors=True)
    strict = ["--fail-on-warning", "--keep-going", "--quiet", "--fresh-env"]
    folders = ["-c", str(ROOT / "docs"), "-d", str(site.parent / "doctrees")]
    code = build_main([*strict, *folders, str(pages), str(site)])
    shutil.copytree(pages / "docs/_frames", site / "docs/_frames")
    return code


if __name__ == "__main__":
    sys.exit(build(Path(sys.argv[1]), execute(ROOT / f"{NOTEBOOK}.ipynb")))
