"""The benchmarks run; how fast, no test asks."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
TIMEOUT_SECONDS = 600


def test_the_peers_agree_on_a_small_file(tmp_path: Path) -> None:
    """The benchmark over a small file prints its tables, and no peer has another answer."""
    page = tmp_path / "page.md"
    options = ["--data", tmp_path / "data", "--scale", "0.0001", "--rounds", "1", "--write", page]
    done = subprocess.run(
        [sys.executable, "-m", "bench", *options, "--only", "reference", "--only", "bulk"],
        cwd=ROOT,
        timeout=TIMEOUT_SECONDS,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    text = page.read_text(encoding="utf-8")
    for part in (
        "## Goals",
        "this project / Polars",
        "| DuckDB |",
        "| pandas |",
        "reference kernel",
    ):
        assert part in text
