"""From a Summary to a Result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.statistics.result import STATISTICS, Result, Source
from pipeline.statistics.sufficient import SufficientStatistics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.statistics.summary import Summary


def finish(summary: Summary, percentiles: Sequence[float], source: Source) -> Result:
    """Return the statistics of a summary that holds all values.

    Args:
        summary: The rows.
        percentiles: Which percentiles, as percentages from 0 to 100.
        source: What the summary was made from.

    """
    return finish_from(SufficientStatistics.of(summary, percentiles), source)


def finish_from(found: SufficientStatistics, source: Source) -> Result:
    """Return all statistics that follow from what was `found` in `source`."""
    values: dict[str, Any] = {
        name: statistic.formula(found) for name, statistic in STATISTICS.items()
    }
    return Result(**values, source=source)
