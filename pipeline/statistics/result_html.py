"""A result as a notebook shows it: a table of the statistics, each with its definition."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from pipeline.statistics.statistic import readable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.statistics.statistic import Statistic, Value


def html_table(
    caption: str, values: Mapping[str, Value], statistics: Mapping[str, Statistic], window: int
) -> str:
    """Return the `values` of some `statistics`, both by name, as a table under a `caption`.

    `window` is how many values a window of the moving variance holds.
    """
    rows = "".join(
        f'<tr><th scope="row" style="text-align:left">{escape(title)}</th>'
        f'<td style="text-align:right">{escape(value)}</td>'
        f'<td style="text-align:left">{escape(definition)}</td></tr>'
        for title, value, definition in readable(values, statistics, window)
    )
    return (
        f'<table><caption style="text-align:left">{escape(caption)}</caption>'
        '<thead><tr><th scope="col" style="text-align:left">statistic</th>'
        '<th scope="col">value</th><th scope="col" style="text-align:left">definition</th></tr>'
        f"</thead><tbody>{rows}</tbody></table>"
    )
