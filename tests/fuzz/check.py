"""The law: what is read is what the slow reader reads, however the file is cut, or it is refused.

Never another answer, never a traceback.
"""

from __future__ import annotations

import re
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from tests.fuzz import observe
from tests.fuzz.answers import Answer, Outcome, Refusal
from tests.fuzz.reference import expect

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fuzz.case import Case

SHOWN = 300
LONE_RETURN = re.compile(rb"\r(?!\n)")


@dataclass
class Verdict:
    """How often a case was read as a whole, and what is wrong, in words; None if all is well."""

    readings: int = 0
    wrong: str | None = None


def check(case: Case, folder: Path) -> Verdict:
    """Let the pipeline read a case, in a folder; judge what it finds."""
    path = folder / f"data{case.suffix}"
    path.write_bytes(case.on_disk)
    verdict, expected = Verdict(), case.holds or expect(case)
    try:
        verdict.wrong = _compare(case, path, expected, verdict)
    except observe.WrongError as wrong:
        verdict.wrong = str(wrong)
    except Exception:  # noqa: BLE001 - whatever a user would see as a traceback
        verdict.wrong = traceback.format_exc()
    return verdict


def _compare(case: Case, path: Path, expected: Outcome, verdict: Verdict) -> str | None:
    table = observe.open_case(case, path)
    if isinstance(table, Refusal):
        return None if allowed(case, expected, table) else _differ("opening", expected, table)
    for cut in case.cuts:
        verdict.readings += 1
        try:
            found = observe.read(case, table, observe.places(table, cut))
        except InputError as error:
            if case.damaged:
                continue
            return f"reading raised {error}"
        if not allowed(case, expected, found):
            return _differ(f"cut at {cut}" if cut else "whole", expected, found)
    return None


def allowed(case: Case, expected: Outcome, found: Outcome) -> bool:
    """Whether what was found will do where something else may have been expected."""
    if found == expected or (case.damaged and isinstance(found, Refusal)):
        return True
    # A carriage return alone among the first rows leaves it open what a row is: the csv module,
    # which looks at them, refuses where the grammar could go on.
    return found == Refusal("ends") and bool(LONE_RETURN.search(case.data))


def _differ(where: str, expected: Outcome, found: Outcome) -> str:
    return f"{where}: expected {_short(expected)}\n found {_short(found)}"


def _short(outcome: Outcome) -> str:
    if not isinstance(outcome, Answer):
        return repr(outcome)
    text = repr(outcome)
    counts = f"{[len(column) for column in outcome.columns]} values, {outcome.missing} missing, "
    counts += f"{outcome.invalid} invalid, {outcome.filtered} filtered"
    return f"{counts}: {text[:SHOWN]}"
