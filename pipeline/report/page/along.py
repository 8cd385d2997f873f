"""The picture along the file: each stretch's mean and spread, moving variance and missing share."""

from __future__ import annotations

from itertools import accumulate
from math import isfinite
from typing import TYPE_CHECKING, Any

from bokeh.layouts import column
from bokeh.models import ColumnDataSource, HoverTool, PlainText

from pipeline.report.page.drawing import (
    ACCENT,
    FAINT,
    SECOND,
    add_number_axis,
    empty_picture,
    item,
    span,
)
from pipeline.statistics.moving_range import NO_WINDOWS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.report.page.numbers import Numbers
    from pipeline.statistics.distribution import Distribution
    from pipeline.statistics.profile import Profile

_SMALL = 190
_PERCENT = 100
_MARGIN = 0.08
_TICKS = 4  # labels of millions of rows stay apart on a phone


def along(
    profile: Profile, found: Distribution, names: Mapping[str, str], numbers: Numbers
) -> dict[str, Any]:
    """Return the picture of a column along its file.

    Args:
        profile: What each stretch of the file holds; of one row or more.
        found: The column's distribution: it tells from where to where nearly all values lie.
        names: The words of the page, and under "unit" what the values are called.
        numbers: How numbers are written.

    """
    source = _source(profile, names, numbers)
    rows = sum(stretch.rows for stretch in profile.stretches)
    x_range = span(0, rows)
    seen = [
        (max(one.least, one.mean - one.std), min(one.greatest, one.mean + one.std))
        for one in profile.stretches
        if one.mean is not None and one.std is not None
    ]
    near = found.where.near
    low = max(near[0], min((low for low, _ in seen), default=near[0]))
    high = min(near[1], max((high for _, high in seen), default=near[1]))
    room = _MARGIN * (high - low) or 1.0
    values = empty_picture(
        names, ("", names["unit"]), x_range, span(low - room, high + room), "linear"
    )
    values.varea_step(
        source=source, x="start", y1="low", y2="high", step_mode="after", fill_color=ACCENT,
        fill_alpha=0.25,
    )  # fmt: skip
    means = values.step(
        source=source, x="start", y="mean", mode="after", line_color=ACCENT, line_width=1.8
    )
    tips = [
        (names["rows_axis"], "@from_to"),
        (names["mean_std"], "@spread"),
        (names["range"], "@range"),
        (names["missing"], "@missing_text"),
    ]
    values.add_tools(HoverTool(renderers=[means], tooltips=tips, mode="vline"))
    plots = [values]
    if moving_range(profile):
        plots.append(_windows(profile, source, x_range, names))
    if any(one.missing for one in profile.stretches):
        plots.append(_gaps(profile, source, x_range, names))
    plots[-1].xaxis.axis_label = PlainText(text=names["rows_axis"])
    for plot in plots:
        add_number_axis(plot.xaxis, names)
        plot.xaxis.ticker.desired_num_ticks = _TICKS
        plot.xgrid.grid_line_color = FAINT
    return item(column(plots, sizing_mode="stretch_width"))


def moving_range(profile: Profile) -> tuple[float, float] | None:
    """Return the least and the greatest moving variance; None where there is no window."""
    found = [one.windows for one in profile.stretches if isfinite(one.windows.greatest)]
    if not found:
        return None
    return min(one.least for one in found), max(one.greatest for one in found)


def _windows(
    profile: Profile, source: ColumnDataSource, x_range: Any, names: Mapping[str, str]
) -> Any:
    """Return the moving variance: from each stretch's least to its greatest."""
    _, top = moving_range(profile) or (0.0, 0.0)
    plot = empty_picture(
        names, ("", names["axis_moving"]), x_range, span(0, top * (1 + _MARGIN) or 1.0),
        "linear", height=_SMALL,
    )  # fmt: skip
    plot.toolbar_location = None
    bars = plot.quad(
        source=source, left="start", right="stop", bottom="calmest", top="wildest",
        fill_color=ACCENT, line_color=ACCENT, fill_alpha=0.5, line_width=1,
    )  # fmt: skip
    tips = [(names["rows_axis"], "@from_to"), (names["axis_moving"], "@moving")]
    plot.add_tools(HoverTool(renderers=[bars], tooltips=tips, mode="vline"))
    plot.yaxis.ticker.desired_num_ticks = _TICKS
    return plot


def _gaps(
    profile: Profile, source: ColumnDataSource, x_range: Any, names: Mapping[str, str]
) -> Any:
    """Return the bars of what is missing."""
    gaps = empty_picture(
        names, ("", names["axis_missing"]), x_range, span(0, _top(profile)),
        "linear", height=_SMALL,
    )  # fmt: skip
    gaps.toolbar_location = None
    bars = gaps.quad(
        source=source, left="start", right="stop", bottom=0, top="missing", fill_color=SECOND,
        line_color=SECOND, line_width=0.5,
    )  # fmt: skip
    tips = [(names["rows_axis"], "@from_to"), (names["missing"], "@missing_text")]
    gaps.add_tools(HoverTool(renderers=[bars], tooltips=tips, mode="vline"))
    add_number_axis(gaps.yaxis, names, " %")
    gaps.yaxis.ticker.desired_num_ticks = _TICKS
    return gaps


def _top(profile: Profile) -> float:
    most = max(one.missing / one.rows if one.rows else 0.0 for one in profile.stretches)
    return min(_PERCENT, max(1.0, most * _PERCENT * (1 + _MARGIN)))


def _source(profile: Profile, names: Mapping[str, str], numbers: Numbers) -> ColumnDataSource:
    """Return the stretches as columns; a last one ends the last step."""
    stretches = [one for one in profile.stretches if one.rows]
    ends = list(accumulate((one.rows for one in stretches), initial=0))
    data: dict[str, Any] = {
        "start": [], "stop": [], "mean": [], "low": [], "high": [], "missing": [],
        "calmest": [], "wildest": [], "from_to": [], "spread": [], "range": [], "moving": [],
        "missing_text": [],
    }  # fmt: skip
    for start, stop, one in [
        *zip(ends, ends[1:], stretches, strict=False),
        (ends[-1], ends[-1], stretches[-1]),
    ]:
        mean = float("nan") if one.mean is None else one.mean
        std = one.std or 0.0
        data["start"].append(start)
        data["stop"].append(stop)
        data["mean"].append(mean)
        data["low"].append(max(mean - std, one.least) if one.count else mean)
        data["high"].append(min(mean + std, one.greatest) if one.count else mean)
        data["missing"].append(one.missing / one.rows * _PERCENT)
        data["from_to"].append(f"{numbers.count(start + 1)} \u2026 {numbers.count(stop)}")
        data["spread"].append(f"{numbers.value(one.mean, 4)} \u00b1 {numbers.value(one.std, 3)}")
        windows = one.windows if isfinite(one.windows.greatest) else NO_WINDOWS
        data["calmest"].append(windows.least if windows != NO_WINDOWS else float("nan"))
        data["wildest"].append(windows.greatest if windows != NO_WINDOWS else float("nan"))
        data["moving"].append(_between(windows.least, windows.greatest, names, numbers))
        data["range"].append(_between(one.least, one.greatest, names, numbers))
        data["missing_text"].append(numbers.share(one.missing, one.rows))
    return ColumnDataSource(data)


def _between(low: float, high: float, names: Mapping[str, str], numbers: Numbers) -> str:
    """Return from where to where something lies, in words; infinity stands for nowhere."""
    if not isfinite(high):
        return numbers.value(None)
    return names["from_to"].format(low=numbers.value(low, 4), high=numbers.value(high, 4))
