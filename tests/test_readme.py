"""The commands of the README and of docs/groups.md work as they are printed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^```(sh|python) run\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)\)")
PAGES = [
    path.relative_to(ROOT) for pattern in ("*.md", "docs/**/*.md") for path in ROOT.glob(pattern)
]
TIMEOUT_SECONDS = 300


def run_block(language: str, text: str, folder: Path) -> str:
    """Run one fenced block as a reader would, to its first failing line; return what it prints."""
    command = ["bash", "-euc", text] if language == "sh" else [sys.executable, "-c", text]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PATH": path}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        timeout=TIMEOUT_SECONDS,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{text}\nstdout: {done.stdout}\nstderr: {done.stderr}"
    return done.stdout


def test_commands_of_the_readme_run_in_order(tmp_path: Path) -> None:
    """A reader who pastes the runnable blocks into an empty folder gets the promised files."""
    blocks = FENCE.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert blocks
    for language, text in blocks:
        run_block(language, text, tmp_path)
    assert {path.name for path in (tmp_path / "results").iterdir()} == {
        "combined_results.csv",
        "results.json",
    }


def test_commands_of_the_page_on_groups_run_in_order(tmp_path: Path) -> None:
    """Each question's answer is there afterwards."""
    for language, text in FENCE.findall((ROOT / "docs/groups.md").read_text(encoding="utf-8")):
        run_block(language, text, tmp_path)
    for folder in ("monthly", "duration", "by-year"):
        assert (tmp_path / folder / "groups.csv").stat().st_size > 1000, folder


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """Every relative link of a documentation page names a file that exists."""
    targets = LINK.findall((ROOT / page).read_text(encoding="utf-8"))
    missing = [target for target in targets if not (ROOT / page.parent / target).exists()]
    assert missing == []
