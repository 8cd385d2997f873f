"""What stands out along the file: broken stretches, and changes from one part to the other.

The rules look at stretches with enough rows only, and at few stretches not at all.
"""

from __future__ import annotations

from itertools import accumulate
from statistics import median
from typing import TYPE_CHECKING

from pipeline.report.page.remark import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.statistics.profile import Profile, Stretch
    from pipeline.statistics.result import Result

FEW = 20
"""Stretches below which nothing is said."""

ENOUGH = 30
"""Values that a stretch must have."""

SOME_MISSING = 0.002
TOGETHER = 0.1
"""The share of the file in which half of the missing cells lie, where they lie together."""

OFTEN = 0.5
"""The share of the most frequent value from which on a constant stretch is usual."""

NOISES = 6.0
"""By how many median deviations of stretches' means the level must change."""

SIDE = 0.05
"""The share of the stretches that must lie on each side of a change."""

_NEARLY_ALL = 0.99
_AGREE = 0.95
_CANDIDATES = 100


def along_the_file(profile: Profile, result: Result) -> Iterator[Remark]:
    """Yield what stands out along the file.

    Args:
        profile: What each stretch holds.
        result: The column's statistics.

    """
    stretches = [one for one in profile.stretches if one.rows]
    if len(stretches) < FEW:
        return
    ends = list(accumulate((one.rows for one in stretches), initial=0))
    yield from _gaps(stretches, ends, result)
    if result.mode_count < OFTEN * result.count:
        yield from _stuck(stretches, ends)
    usual = [(end, one) for end, one in zip(ends, stretches, strict=False) if one.count >= ENOUGH]
    if len(usual) >= FEW:
        yield from _level(usual, result)
        yield from _resolution(usual)


def _gaps(stretches: Sequence[Stretch], ends: Sequence[int], result: Result) -> Iterator[Remark]:
    rows = ends[-1]
    if result.missing < max(ENOUGH, SOME_MISSING * rows):
        return
    order = sorted(range(len(stretches)), key=lambda i: (-_share(stretches[i]), i))
    cells = accumulate(stretches[i].missing for i in order)
    half = next(n for n, missing in enumerate(cells, 1) if 2 * missing >= result.missing)
    inside = sum(stretches[i].rows for i in order[:half])
    if inside <= TOGETHER * rows:
        worst = order[0]
        yield Remark(
            "gaps_together",
            0.7,
            {
                "share": ("share", inside, rows),
                "row": ("count", ends[worst] + 1, 0),
                "most": ("share", stretches[worst].missing, stretches[worst].rows),
            },
            "along",
        )


def _share(one: Stretch) -> float:
    return one.missing / one.rows


def _stuck(stretches: Sequence[Stretch], ends: Sequence[int]) -> Iterator[Remark]:
    """Remark the longest run of stretches that hold one value alone."""
    stuck = [one.count >= ENOUGH and one.least == one.greatest for one in stretches]
    best = (0, 0, 0)
    start = 0
    for i in range(1, len(stretches) + 1):
        if i < len(stretches) and stuck[i] and stretches[i].least == stretches[start].least:
            continue
        if stuck[start]:
            count = sum(one.count for one in stretches[start:i])
            best = max(best, (count, -start, i))
        start = i
    count, first, last = best
    if count:
        yield Remark(
            "stuck",
            0.75,
            {
                "start": ("count", ends[-first] + 1, 0),
                "stop": ("count", ends[last], 0),
                "count": ("count", count, 0),
                "value": ("value", stretches[-first].least, 0),
                "stretches": ("count", sum(stuck), 0),
            },
            "along",
        )


def _level(usual: Sequence[tuple[int, Stretch]], result: Result) -> Iterator[Remark]:
    """Remark the row at which the level changes most, if it does by much more than the noise."""
    means = [one.mean for _, one in usual if one.mean is not None]
    side = max(1, round(SIDE * len(means)))
    step = max(1, len(means) // _CANDIDATES)
    best = (0.0, 0)
    for cut in range(side, len(means) - side + 1, step):
        best = max(best, (abs(median(means[:cut]) - median(means[cut:])), -cut))
    change, cut = best[0], -best[1]
    if not cut:
        return
    # Of the places near by, the one at which most means lie on their own side.
    before, after = median(means[:cut]), median(means[cut:])
    noise = median([abs(m - before) for m in means[:cut]] + [abs(m - after) for m in means[cut:]])
    if change > NOISES * noise and change > OFTEN * (result.iqr or 0.0):
        yield Remark(
            "level",
            0.65,
            {
                "row": ("count", usual[cut][0] + 1, 0),
                "before": ("value", _rounded(before), 0),
                "after": ("value", _rounded(after), 0),
            },
            "along",
        )


def _rounded(number: float) -> float:
    return float(f"{number:.4g}")


def _resolution(usual: Sequence[tuple[int, Stretch]]) -> Iterator[Remark]:
    """Remark the row from which on values have more decimals, or fewer."""
    places = [_places(one) for _, one in usual]
    side = max(1, round(SIDE * len(places)))
    low, high = min(places), max(places)
    if low == high:
        return
    fine = list(accumulate((place == high for place in places), initial=0))
    total, size = fine[-1], len(places)
    # How many stretches agree, with the finer ones behind a cut, or before it.
    agree = [(total - fine[c] + c - fine[c], c, False) for c in range(side, size - side + 1)]
    agree += [
        (fine[c] + size - c - (total - fine[c]), c, True) for c in range(side, size - side + 1)
    ]
    most, cut, finer_first = max(agree, key=lambda found: (found[0], -found[1]))
    if most >= _AGREE * size:
        before, after = (high, low) if finer_first else (low, high)
        yield Remark(
            "finer",
            0.6,
            {
                "row": ("count", usual[cut][0] + 1, 0),
                "before": ("count", before, 0),
                "after": ("count", after, 0),
            },
            "along",
        )


def _places(one: Stretch) -> int:
    """Return how many decimals nearly all values of a stretch have at most."""
    upto = accumulate(one.decimals)
    return next(i for i, count in enumerate(upto) if count >= _NEARLY_ALL * one.count)
