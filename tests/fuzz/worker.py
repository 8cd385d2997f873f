"""The process that tries cases: python -m tests.fuzz.worker SEED FIRST COUNT FOLDER.

Before each case it says the case's number, after it how often it was read and what was wrong, each
a line of JSON. So whoever listens knows which case ended it. A COUNT of 0 is no limit.
"""

from __future__ import annotations

import json
import sys
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.fuzz.case import Case
from tests.fuzz.check import check
from tests.fuzz.make import make
from tests.fuzz.minimise import minimise


def main(seed: int, first: int, most: int, out: Path) -> None:
    """Try cases, and keep those that fail."""
    with TemporaryDirectory(prefix="fuzz-") as name:
        for number in islice(count(first), most or None):
            say(case=number)
            case = make(seed, number)
            say(**tried(case, Path(name), out))
    say(end=True)


def tried(case: Case, scratch: Path, out: Path) -> dict[str, Any]:
    """Return what came of a case; one that fails is kept in `out`, made smaller."""
    verdict = check(case, scratch)
    if verdict.wrong:
        smaller = minimise(case, scratch)
        smaller.save(out / case.name)
        verdict.wrong = check(smaller, scratch).wrong
    return {"readings": verdict.readings, "wrong": verdict.wrong}


def say(**what: Any) -> None:
    """Write a line of JSON."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]), Path(sys.argv[4]))
