"""Watching the process that tries cases: what it finds, which case ends it or never ends."""

from __future__ import annotations

import json
import select
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.fuzz.make import make

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LIMIT_SECONDS = 300
"""How long a case may take; the first one waits for kernels to be compiled."""


@dataclass
class Tally:
    """What has come of cases so far; `wrong` has the name of each that failed, and why."""

    cases: int = 0
    readings: int = 0
    wrong: dict[str, str] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)

    def __str__(self) -> str:
        """Return one line."""
        seconds = time.monotonic() - self.began
        found = f"{len(self.wrong)} finding{'s' * (len(self.wrong) != 1)}"
        return f"{self.cases:,} cases, {self.readings:,} readings, {seconds:.0f} s, {found}"


def worker(seed: int, first: int, count: int, out: Path) -> list[str]:
    """Return the command of the process that tries cases."""
    numbers = [str(number) for number in (seed, first, count)]
    return [sys.executable, "-m", "tests.fuzz.worker", *numbers, str(out)]


def watch(
    seed: int,
    first: int,
    count: int,
    out: Path,
    tell: Callable[[Tally, str], None] = lambda _, __: None,
    *,
    command: Callable[[int, int, int, Path], list[str]] = worker,
    limit: float = LIMIT_SECONDS,
) -> Tally:
    """Try `count` cases of a seed from the `first` on (0 for no limit); return what came of them.

    `tell` hears of each case as it ends. A case that ends the process, or takes more than `limit`
    seconds, has failed and is kept in `out`; another process goes on behind it.
    """
    tally, after = Tally(), first + count
    while not count or first < after:
        left = after - first if count else 0
        last = _listen(command(seed, first, left, out), tally, seed, tell, limit)
        if last is None:
            break
        name, why = f"{seed}-{last[0]}", last[1]
        make(seed, last[0]).save(out / name)
        tally.cases += 1
        tally.wrong[name] = why
        tell(tally, name)
        first = last[0] + 1
    return tally


def _listen(
    command: list[str],
    tally: Tally,
    seed: int,
    tell: Callable[[Tally, str], None],
    limit: float,
) -> tuple[int, str] | None:
    """Hear a process to its end; return the case that ended it, and how, if one did."""
    number = -1
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            while select.select([process.stdout], [], [], limit)[0]:
                line = process.stdout.readline()
                if not line:
                    return number, f"it ended the process with code {process.wait(limit)}"
                said = json.loads(line)
                if "end" in said:
                    return None
                if "case" in said:
                    number = said["case"]
                    continue
                tally.cases += 1
                tally.readings += said["readings"]
                if said["wrong"]:
                    tally.wrong[f"{seed}-{number}"] = said["wrong"]
                tell(tally, f"{seed}-{number}")
        finally:
            process.kill()
    return number, f"it did not end within {limit:g} s"
