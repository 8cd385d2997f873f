"""Groups that stand out: those whose centre, spread or gaps lie far from the other groups'.

All is measured by medians and median deviations over the groups, which odd groups do not move.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.numeric.arrays import Bools, Floats, Integers
    from pipeline.statistics.grouped_results import Name

FEW = 8
"""Groups below which none stands out."""

ENOUGH = 20
"""Values that a group must have."""

DEVIATIONS = 6.0
"""Normal standard deviations, estimated by the median deviation, from which on one is far."""

MUCH_MISSING = 0.2
"""The share of missing cells that a group must have, and five times the usual."""

_TIMES = 5
_NORMAL = 1.4826
_LEAST_FACTOR = 1.5
"""By how much a spread must differ at least, however equal the groups' spreads are."""


@dataclass(frozen=True, eq=False)
class Odd:
    """Which groups stand out, and how far; each array has shape (groups,).

    Attributes:
        centre: The distance of the median from the usual one, in deviations, where it is far; else
            0. Negative below.
        spread: The same for the logarithm of the standard deviation.
        missing: The share of missing cells where it is much more than usual; else 0.
        usual: The usual median.

    """

    centre: Floats
    spread: Floats
    missing: Floats
    usual: float

    @property
    def any(self) -> Bools:
        """Which groups stand out for some reason."""
        found: Bools = (self.centre != 0) | (self.spread != 0) | (self.missing != 0)
        return found

    @property
    def order(self) -> Integers:
        """The groups that stand out, the oddest first."""
        chosen = np.flatnonzero(self.any)
        oddness = np.maximum(np.abs(self.centre), np.abs(self.spread)) + self.missing
        return chosen[np.lexsort((chosen, -oddness[chosen]))]


def odd_groups(statistics: Mapping[Name, Integers | Floats]) -> Odd:
    """Return which groups stand out by their `statistics`, arrays of shape (groups,) by name."""
    counts = statistics["count"]
    cells = counts + statistics["missing"] + statistics["invalid"] + statistics["out_of_range"]
    enough = counts >= ENOUGH
    medians = statistics["median"].astype(np.float64)
    centre, usual = _far(medians, enough, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        spreads = np.log(statistics["std"].astype(np.float64))
    varied = enough & np.isfinite(spreads)
    spread, _ = _far(spreads, varied, float(np.log(_LEAST_FACTOR)))
    shares = statistics["missing"] / np.maximum(cells, 1)
    large = cells >= ENOUGH
    missing = np.zeros(shares.size)
    if np.count_nonzero(large) >= FEW:
        much = large & (shares >= max(MUCH_MISSING, _TIMES * float(np.median(shares[large]))))
        missing[much] = shares[much]
    return Odd(centre, spread, missing, usual)


def _far(values: Floats, among: Bools, least: float) -> tuple[Floats, float]:
    """Return the distances that are far, in deviations, and the median."""
    far = np.zeros(values.size)
    if np.count_nonzero(among) < FEW:
        return far, 0.0
    middle = float(np.median(values[among]))
    away = np.where(among, values - middle, 0.0)
    deviation = _NORMAL * float(np.median(np.abs(away[among])))
    if deviation:
        chosen = (np.abs(away) > DEVIATIONS * deviation) & (np.abs(away) >= least)
        far[chosen] = away[chosen] / deviation
    return far, middle
