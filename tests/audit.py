"""Check the locked packages against known vulnerabilities: python -m tests.audit [URL].

The lock alone decides what is checked: nothing is resolved or installed. pip-audit asks the OSV
database, or the one at the URL that answers in its way. Exit codes: 0, no known vulnerability; 1,
some, one line each; 2, not every package was checked, and why.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parents[1] / "requirements-dev.lock"
"""It holds every version of the other two."""

DATABASE = "https://api.osv.dev/v1/query"
CLEAN, VULNERABLE, UNKNOWN = range(3)


def audit(lock: Path, database: str) -> tuple[int, list[str]]:
    """Return the exit code for a lock, and the lines to show."""
    asked = [sys.executable, "-m", "pip_audit", "--requirement", str(lock)]
    asked += ["--no-deps", "--disable-pip", "--progress-spinner", "off", "--desc", "off"]
    asked += ["--format", "json", "--vulnerability-service", "osv", "--osv-url", database]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        # Where it is not answered, pip-audit ends with a traceback, and with the code of a finding.
        why = (done.stderr.strip().splitlines() or [f"pip-audit ended with {done.returncode}"])[-1]
        sentence = f"nothing in {lock.name} was checked: {database} gave no answer ({why})"
        return UNKNOWN, [f"{sentence}; try again where the database can be reached"]
    return _judge(report["dependencies"], lock.name)


def _judge(packages: list[dict[str, Any]], lock: str) -> tuple[int, list[str]]:
    skipped = [package for package in packages if "skip_reason" in package]
    checked = [package for package in packages if "skip_reason" not in package]
    found = [_line(package, each) for package in checked for each in package["vulns"]]
    lines = [f"{package['name']}: not checked: {package['skip_reason']}" for package in skipped]
    summary = f"{lock}: {len(checked)} packages checked, {len(found)} known vulnerabilities"
    code = VULNERABLE if found else UNKNOWN if skipped or not checked else CLEAN
    return code, [*found, *lines, summary]


def _line(package: dict[str, Any], vulnerability: dict[str, Any]) -> str:
    names = ", ".join([vulnerability["id"], *vulnerability["aliases"]])
    mended = " or ".join(vulnerability["fix_versions"]) or "no version yet"
    return f"{package['name']} {package['version']}: {names}; mended in {mended}"


if __name__ == "__main__":
    status, shown = audit(LOCK, sys.argv[1] if len(sys.argv) > 1 else DATABASE)
    sys.stdout.write("\n".join([*shown, ""]))
    sys.exit(status)
