"""The commands, each run in a process of its own as a user would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def command(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command in *folder*, the root of this project on its path, without any scheduler."""
    root = Path(__file__).parents[1]
    environment = os.environ | {"PYTHONPATH": str(root), "COLUMNS": "200"}
    line = [sys.executable, "-m", "pipeline.run", *map(str, arguments), "--workers", "1"]
    return subprocess.run(
        line, capture_output=True, text=True, cwd=folder, env=environment, timeout=120, check=False
    )


def refusal(run: subprocess.CompletedProcess[str]) -> str:
    """Return the one line that says why the command failed, and check that it is the only one."""
    assert run.returncode == 1, run
    assert run.stdout == ""
    lines = [
        line
        for line in run.stderr.splitlines()
        if not line.startswith(("note:", "dashboard:", "progress:"))
    ]
    assert len(lines) == 1, run.stderr
    assert lines[0].startswith("error: ")
    return lines[0].removeprefix("error: ")
