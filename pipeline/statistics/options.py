"""Which statistics are computed, as far as the user may choose."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.defaults import PERCENTILES, WINDOW
from pipeline.errors import InputError

_WHOLE = 100


@dataclass(frozen=True)
class StatisticsOptions:
    """Windows of `window` values for the moving variance, and `percentiles` from 0 to 100.

    Raises InputError for a window of no values, or a percentile out of its range.
    """

    window: int = WINDOW
    percentiles: tuple[float, ...] = PERCENTILES

    def __post_init__(self) -> None:
        """Refuse what cannot be computed."""
        if self.window < 1:
            raise InputError(f"window must be 1 or more, not {self.window}")
        for percentile in self.percentiles:
            if not 0 <= percentile <= _WHOLE:
                raise InputError(f"a percentile lies between 0 and 100, not at {percentile}")
