"""Write docs/reliability.md from what the tests of faults found: python -m docs.reliability PAGE.

The results stand in docs/reliability.json, which tests/recorder.py keeps, and in docs/chaos.json,
which tests/swarm/chaos.py does. What is known to be beyond the promise stands in docs/limits.md.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from tests.faults import FAULTS, Fault, faults
from tests.recorder import Record, read
from tests.swarm.chaos import SAME

FOLDER = Path(__file__).parent
RECORDS = FOLDER / "reliability.json"
TRIALS = FOLDER / "chaos.json"
PLACES = {
    "tests/": "On one machine",
    "tests/swarm/": "On a swarm of three nodes",
    "tests/hosts/": "On three hosts with systemd and kernel NFS",
}
INTRODUCTION = """\
# Reliability

Written by `make reliability`; do not edit.

Whatever happens, the answer is right or there is a clear error, within a limit. Each row below is a
test that makes it happen. *How long* is the time of the whole test, or of its slowest case: it says
that nothing waits for ever, and nothing of speed.
"""
CHAOS = """\
## At random

`make chaos SEED=1 COUNT=20` strikes runs on a swarm of three nodes, at moments that a seed draws; a
run is held until it is struck. It must end with the bytes that one machine computes or, where
scheduler or manager are struck, in one error and no results. Of {runs} runs, the last on {last},
{wrong} ended otherwise. The seconds count from the blow to the end of the run. What happened to
each seed stands in [chaos.json](chaos.json).

| what happens | runs | same bytes | one error | otherwise | median | longest |
|---|---|---|---|---|---|---|"""
HEAD = """\
| what happens | what must follow | what did | how long | when | shown by |
|---|---|---|---|---|---|"""


def page() -> str:
    """The page: a table for each kind of place, and the known limits."""
    records = read(RECORDS)
    tables = [_table(place, title, records) for place, title in PLACES.items()]
    return "\n".join([INTRODUCTION, *tables, _chaos(), (FOLDER / "limits.md").read_text("utf-8")])


def _chaos() -> str:
    """What followed from each kind of blow, over all seeds that were recorded."""
    trials = json.loads(TRIALS.read_text("utf-8"))
    rows = [
        _blow(name, [trial for trial in trials if trial["blow"] == name])
        for name in sorted({trial["blow"] for trial in trials})
    ]
    wrong = sum(not trial["right"] for trial in trials)
    last = max(trial["date"] for trial in trials)
    introduction = CHAOS.format(runs=len(trials), wrong=wrong, last=last)
    return "\n".join([introduction, *rows, ""])


def _blow(name: str, trials: list[dict[str, Any]]) -> str:
    same = sum(trial["outcome"] == SAME for trial in trials)
    errors = sum(trial["right"] for trial in trials) - same
    seconds = [trial["seconds"] for trial in trials]
    return (
        f"| {name} | {len(trials)} | {same} | {errors} | {len(trials) - same - errors} "
        f"| {median(seconds):.0f} s | {max(seconds):.0f} s |"
    )


def _table(place: str, title: str, records: dict[str, Record]) -> str:
    rows = [
        _row(name, fault, records.get(name))
        for path in FAULTS
        if path.rpartition("/")[0] + "/" == place
        for name, fault in _of(path)
    ]
    return "\n".join([f"## {title}\n", HEAD, *rows, ""])


def _of(path: str) -> Iterator[tuple[str, Fault]]:
    return ((name, fault) for name, fault in faults().items() if name.startswith(f"{path}::"))


def _row(name: str, fault: Fault, record: Record | None) -> str:
    if record is None:
        return f"| {fault.happens} | {fault.must} | not run yet | | | `{name}` |"
    seconds = "" if record.seconds is None else f"{max(record.seconds, 0.1):.1f} s"
    found = f"{_found(record)} | {seconds} | {record.date}"
    return f"| {fault.happens} | {fault.must} | {found} | `{name}` |"


def _found(record: Record) -> str:
    if record.failed:
        return f"**{record.failed} of {record.cases} cases failed**"
    found, such = "so it was", ""
    if record.cases > 1:
        found, such = f"so it was in all {record.cases} cases", "such as "
    return f"{found}: {such}“{record.seen}”".replace("|", "\\|") if record.seen else found


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
