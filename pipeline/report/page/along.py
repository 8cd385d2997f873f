"""The picture along the file: each stretch's mean and spread, moving variance and missing share."""

from __future__ import annotations

from itertools import accumulate
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.report.page.drawing import (
    ACCENT,
    SECOND,
    add_number_axis,
    empty_picture,
    plain,
    span,
)
from pipeline.report.page.parts import Part, data, field, part, value, written
from pipeline.statistics.moving_range import NO_WINDOWS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.report.page.drawing import Plot
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
    values = empty_picture(names, ("", names["unit"]), x_range, span(low - room, high + room))
    values.draw(
        "VAreaStep", source, x=field("start"), y1=field("low"), y2=field("high"), step_mode="after",
        fill_color=ACCENT, fill_alpha=0.25,
    )  # fmt: skip
    means = values.draw(
        "Step", source, x=field("start"), y=field("mean"), mode="after", line_color=ACCENT,
        line_width=1.8,
    )  # fmt: skip
    tips = [
        (names["rows_axis"], "@from_to"),
        (names["mean_std"], "@spread"),
        (names["range"], "@range"),
        (names["missing"], "@missing_text"),
    ]
    values.tell(means, tips, anywhere=True)
    plots = [values]
    if moving_range(profile):
        plots.append(_windows(profile, source, x_range, names))
    if any(one.missing for one in profile.stretches):
        plots.append(_gaps(profile, source, x_range, names))
    plots[-1].x_axis.set(axis_label=plain(names["rows_axis"]))
    for plot in plots:
        add_number_axis(plot.x_axis, names)
        _have_few_ticks(plot.x_axis)
    roots = [plot.root for plot in plots]
    return written(part("Column", children=roots, sizing_mode="stretch_width"))


def moving_range(profile: Profile) -> tuple[float, float] | None:
    """Return the least and the greatest moving variance; None where there is no window."""
    found = [one.windows for one in profile.stretches if isfinite(one.windows.greatest)]
    if not found:
        return None
    return min(one.least for one in found), max(one.greatest for one in found)


def _windows(profile: Profile, source: Part, x_range: Part, names: Mapping[str, str]) -> Plot:
    """Return the moving variance: from each stretch's least to its greatest."""
    _, top = moving_range(profile) or (0.0, 0.0)
    plot = _bars(names["axis_moving"], x_range, top * (1 + _MARGIN) or 1.0, names)
    bars = plot.draw(
        "Quad", source, left=field("start"), right=field("stop"), bottom=field("calmest"),
        top=field("wildest"), fill_color=value(ACCENT), line_color=value(ACCENT),
        fill_alpha=value(0.5),
    )  # fmt: skip
    tips = [(names["rows_axis"], "@from_to"), (names["axis_moving"], "@moving")]
    plot.tell(bars, tips, anywhere=True)
    return plot


def _gaps(profile: Profile, source: Part, x_range: Part, names: Mapping[str, str]) -> Plot:
    """Return the bars of what is missing."""
    plot = _bars(names["axis_missing"], x_range, _top(profile), names)
    bars = plot.draw(
        "Quad", source, left=field("start"), right=field("stop"), bottom=value(0),
        top=field("missing"), fill_color=value(SECOND), line_color=value(SECOND),
        line_width=value(0.5),
    )  # fmt: skip
    tips = [(names["rows_axis"], "@from_to"), (names["missing"], "@missing_text")]
    plot.tell(bars, tips, anywhere=True)
    add_number_axis(plot.y_axis, names, " %")
    return plot


def _bars(label: str, x_range: Part, top: float, names: Mapping[str, str]) -> Plot:
    """Return an empty picture below another: smaller, and moved by the tools of that."""
    plot = empty_picture(names, ("", label), x_range, span(0, top), height=_SMALL)
    plot.root.set(toolbar_location=None)
    _have_few_ticks(plot.y_axis)
    return plot


def _have_few_ticks(axis: Part) -> None:
    axis.set(ticker=part("BasicTicker", desired_num_ticks=_TICKS))


def _top(profile: Profile) -> float:
    most = max(one.missing / one.rows if one.rows else 0.0 for one in profile.stretches)
    return min(_PERCENT, max(1.0, most * _PERCENT * (1 + _MARGIN)))


def _source(profile: Profile, names: Mapping[str, str], numbers: Numbers) -> Part:
    """Return the stretches as columns; a last one ends the last step."""
    stretches = [one for one in profile.stretches if one.rows]
    ends = list(accumulate((one.rows for one in stretches), initial=0))
    found: dict[str, Any] = {
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
        found["start"].append(start)
        found["stop"].append(stop)
        found["mean"].append(mean)
        found["low"].append(max(mean - std, one.least) if one.count else mean)
        found["high"].append(min(mean + std, one.greatest) if one.count else mean)
        found["missing"].append(one.missing / one.rows * _PERCENT)
        found["from_to"].append(f"{numbers.count(start + 1)} \u2026 {numbers.count(stop)}")
        found["spread"].append(f"{numbers.value(one.mean, 4)} \u00b1 {numbers.value(one.std, 3)}")
        windows = one.windows if isfinite(one.windows.greatest) else NO_WINDOWS
        found["calmest"].append(windows.least if windows != NO_WINDOWS else float("nan"))
        found["wildest"].append(windows.greatest if windows != NO_WINDOWS else float("nan"))
        found["moving"].append(_between(windows.least, windows.greatest, names, numbers))
        found["range"].append(_between(one.least, one.greatest, names, numbers))
        found["missing_text"].append(numbers.share(one.missing, one.rows))
    return data(
        **{
            name: column if isinstance(column[0], str) else np.array(column, np.float64)
            for name, column in found.items()
        }
    )


def _between(low: float, high: float, names: Mapping[str, str], numbers: Numbers) -> str:
    """Return from where to where something lies, in words; infinity stands for nowhere."""
    if not isfinite(high):
        return numbers.value(None)
    return names["from_to"].format(low=numbers.value(low, 4), high=numbers.value(high, 4))
