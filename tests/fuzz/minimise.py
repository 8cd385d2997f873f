"""Making the file of a failing case smaller, by halving, as long as it fails."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.fuzz.check import check

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fuzz.case import Case

MOST_TRIES = 1000


def minimise(case: Case, folder: Path) -> Case:
    """Return a case that fails, too: one cut if that will do, then what is left of the file.

    A Parquet file stays as it is: what it held is known of it alone.
    """
    if case.suffix != ".csv":
        return case
    for cut in case.cuts:
        smaller = replace(case, cuts=(cut,))
        if check(smaller, folder).wrong:
            case = smaller
            break
    tries, size = 0, len(case.data) // 2
    while size and tries < MOST_TRIES:
        at = 0
        while at < len(case.data) and tries < MOST_TRIES:
            smaller = replace(case, data=case.data[:at] + case.data[at + size :])
            tries += 1
            if check(smaller, folder).wrong:
                case = smaller
            else:
                at += size
        size //= 2
    return case
