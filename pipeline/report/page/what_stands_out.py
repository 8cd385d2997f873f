"""What stands out in a column: rules that are exact, robust, and the same for any partitioning.

Each rule looks at the whole column and says nothing, or one thing with its figures.
"""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING

from pipeline.report.page.along_the_file import along_the_file
from pipeline.report.page.remark import Remark
from pipeline.statistics.distribution import FAR
from pipeline.statistics.shape import MOST_DECIMALS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pipeline.report.page.remark import Figure
    from pipeline.statistics.distribution import Distribution
    from pipeline.statistics.profile import Profile
    from pipeline.statistics.result import Result

MOST = 8
"""Remarks at most."""

MUCH_MISSING = 0.05
NEARLY_ALL = 0.95
MOSTLY = 0.5
OFTEN = 10
"""Times that a value far away occurs, to be taken for a code."""

TIMES = 5
"""Times as frequent as the next value is a value that is too frequent."""

TOO_FREQUENT = 0.05
FEW_DECIMALS = 0.5
ALL_DECIMALS = 0.99
BY_CHANCE = 0.2

GAP = 3.0
"""Interquartile ranges without a value behind which values are far from all others."""


def remarks(
    result: Result, distribution: Distribution | None, profile: Profile | None = None
) -> list[Remark]:
    """Return what stands out in a column, what matters most first.

    Args:
        result: Its statistics.
        distribution: Its distribution; None where it has no value.
        profile: What each stretch of the file holds; None where that was not looked at.

    """
    found = [*_cells(result)]
    if profile is not None:
        found += along_the_file(profile, result)
    if distribution is None:
        found.append(Remark("empty", 1.0, {}, "results"))
    else:
        found += _values(result, distribution)
    return most_important(found)


def most_important(found: Sequence[Remark]) -> list[Remark]:
    """Return the remarks `found`, what matters most first, no more than a reader takes in."""
    return sorted(found, key=lambda remark: -remark.weight)[:MOST]


def _cells(result: Result) -> Iterator[Remark]:
    cells = result.count + result.missing + result.invalid + result.out_of_range
    if result.missing >= MUCH_MISSING * cells and result.missing:
        yield Remark(
            "missing",
            0.5 + result.missing / cells / 2,
            {
                "share": ("share", result.missing, cells),
                "count": ("count", result.missing, 0),
                "whole": ("count", cells, 0),
            },
            "results",
        )
    if result.invalid:
        yield Remark(
            "invalid",
            0.6,
            {"count": ("count", result.invalid, 0), "share": ("share", result.invalid, cells)},
            "results",
        )


def _values(result: Result, distribution: Distribution) -> Iterator[Remark]:
    count = result.count
    frequent = distribution.shape.frequent
    most, _, mode = frequent[0]
    if result.distinct == 1:
        yield Remark("constant", 0.95, {"count": ("count", count, 0), "value": ("value", mode, 0)})
        return
    share: Figure = ("share", most, count)
    codes = dict(_sentinels(distribution))
    for value, times in codes.items():
        yield _sentinel(value, times, result, distribution)
    if most >= NEARLY_ALL * count:
        yield Remark("nearly_constant", 0.9, {"share": share, "value": ("value", mode, 0)})
    elif result.zeros >= MOSTLY * count:
        figures: dict[str, Figure] = {
            "share": ("share", result.zeros, count),
            "count": ("count", result.zeros, 0),
            "whole": ("count", count, 0),
        }
        yield Remark("zeros", 0.4, figures)
    elif most >= max(TIMES * frequent[1][0], TOO_FREQUENT * count) and mode not in codes:
        figures = {
            "value": ("value", mode, 0),
            "count": ("count", most, 0),
            "share": share,
            "times": ("value", round(most / frequent[1][0], 1), 0),
        }
        yield Remark("too_frequent", 0.55, figures)
    yield from _far(distribution, codes)
    yield from _decimals(distribution, result)


def _sentinels(distribution: Distribution) -> Iterator[tuple[float, int]]:
    """Yield values far from all others that occur often, and how often."""
    low, high = distribution.where.fences(FAR)
    outermost = {*distribution.shape.lowest, *distribution.shape.highest}
    for value, times in sorted(outermost):
        if not low <= value <= high and times >= OFTEN:
            near = [n for other, n in outermost if other != value and not low <= other <= high]
            if times >= TIMES * max(near, default=0) or _all_nines(value):
                yield value, times


def _all_nines(value: float) -> bool:
    digits = f"{abs(value):.9f}".rstrip("0").replace(".", "")
    return set(digits) == {"9"}


def _sentinel(value: float, times: int, result: Result, distribution: Distribution) -> Remark:
    where = distribution.where
    away = where.low - value if value < where.low else value - where.high
    width = where.high - where.low
    return Remark(
        "sentinel",
        0.85,
        {
            "value": ("value", value, 0),
            "plain": ("plain", value, 0),
            "count": ("count", times, 0),
            "share": ("share", times, result.count),
            "widths": ("value", round(away / width) if width else 0, 0),
        },
    )


def _far(distribution: Distribution, codes: Mapping[float, int]) -> Iterator[Remark]:
    """Remark values far from all others, beyond a gap without values, that are no codes."""
    where, curve = distribution.where, distribution.curve
    wide = GAP * (where.high - where.low)
    low, high = where.fences(FAR)
    gaps = [i for i in distribution.gaps().tolist() if curve[i + 1] - curve[i] > wide]
    below = max((i for i in gaps if curve[i] < low), default=-1)
    above = min((i for i in gaps if curve[i + 1] > high), default=curve.size - 1)
    alone = [*range(below + 1), *range(above + 1, curve.size)]
    count = int(distribution.upto[below]) if below >= 0 else 0
    count += int(distribution.upto[-1] - distribution.upto[above])
    count -= sum(codes[value] for value in curve[alone].tolist() if value in codes)
    shown = [value for value in curve[alone].tolist() if value not in codes]
    if not shown or not wide:
        return
    if count == 1:
        yield Remark("far_one", 0.5, {"value": ("value", shown[0], 0)})
        return
    yield Remark(
        "far",
        0.5,
        {
            "count": ("count", count, 0),
            "share": ("share", count, int(distribution.upto[-1])),
            "low": ("value", min(shown), 0),
            "high": ("value", max(shown), 0),
        },
    )


def _decimals(distribution: Distribution, result: Result) -> Iterator[Remark]:
    """Remark a column whose values mostly have fewer decimals than the others.

    Zeros do not count: they have no decimals whatever the instrument.
    """
    shape, upto, count = distribution.shape, -result.zeros, result.count - result.zeros
    for places in range(MOST_DECIMALS):
        upto += shape.decimals[places]
        if upto < FEW_DECIMALS * count:
            continue
        # Of values that are multiples of 0.5, every other has no decimal by chance.
        by_chance = gcd(shape.units[places + 1], 10) / 10 if shape.units[places + 1] else 0
        if (by_chance + BY_CHANCE) * count < upto < ALL_DECIMALS * count:
            yield Remark(
                "mixed_decimals",
                0.3,
                {"share": ("share", upto, count), "step": ("value", 10.0**-places, 0)},
            )
        return
