"""The pictures of a column's values: histogram, distribution function, exceedance curve."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.report.page.drawing import (
    ACCENT,
    FONT,
    INK,
    SECOND,
    add_number_axis,
    empty_picture,
    span,
)
from pipeline.report.page.parts import data, field, value, written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.numeric.arrays import Floats, Integers
    from pipeline.report.page.drawing import Plot
    from pipeline.report.page.numbers import Numbers
    from pipeline.statistics.distribution import Distribution

_MARGIN = 0.03
_ROW = 0.07
_LETTER = 0.035  # on a phone; on a wide screen it is less
_OVERHANG = 0.15
_TOGETHER = 0.004
_HALF = 0.5
_PERCENT = 100


@dataclass(frozen=True)
class Mark:
    """A labelled line in a picture: its `name`, and the `value` at which it stands."""

    name: str
    value: float


def histogram(
    found: Distribution,
    marks: Sequence[Mark],
    names: Mapping[str, str],
    numbers: Numbers,
    *,
    logarithmic: bool,
) -> dict[str, Any]:
    """Return the histogram of a column, its zoom set on where nearly all values lie.

    Args:
        found: The column's distribution.
        marks: The lines that are drawn.
        names: The words of the page, and under "unit" what the horizontal axis is called.
        numbers: How numbers are written.
        logarithmic: Whether the axis of counts is.

    """
    edges, counts = found.bins.edges, found.counts
    full = np.flatnonzero(counts)
    near = found.where.far if logarithmic else found.where.near
    width = float(found.bins.width)
    low, high = near[0] - width, near[1] + width
    shown = counts[full][(edges[full] >= low) & (edges[full] <= high)]
    most = float(shown.max(initial=1))
    labels = _labels(marks, low, high)
    room = 1 + _ROW * (1 + max((row for _, row in labels), default=0))
    bottom = _HALF if logarithmic else 0.0
    top = bottom * (most / bottom) ** (1 + room - 1) if logarithmic else most * room
    plot = empty_picture(
        names,
        (names["unit"], names["axis_count"]),
        span(low - _MARGIN * (high - low), _end(labels, low, high)),
        span(bottom, top * (1.15 if logarithmic else 1.02)),
        logarithmic=logarithmic,
    )
    total = int(counts.sum()) + sum(found.outside)
    source = data(
        left=edges[full],
        right=edges[full + 1],
        top=counts[full],
        from_to=[
            f"{numbers.value(a)} \u2026 {numbers.value(b)}"
            for a, b in zip(edges[full].tolist(), edges[full + 1].tolist(), strict=True)
        ],
        count=[numbers.count(n) for n in counts[full].tolist()],
        share=[numbers.share(n, total) for n in counts[full].tolist()],
    )
    bars = plot.draw(
        "Quad", source, left=field("left"), right=field("right"), top=field("top"),
        bottom=value(bottom), fill_color=value(ACCENT), fill_alpha=value(0.75),
        line_color=value(ACCENT), line_width=value(0.5),
    )  # fmt: skip
    plot.tell(bars, [(names["bin"], "@from_to"), (names["values_counted"], "@count (@share)")])
    _draw_marks(plot, labels, (bottom, top), logarithmic=logarithmic)
    return written(plot.root)


def _labels(marks: Sequence[Mark], low: float, high: float) -> list[tuple[Mark, int]]:
    """Return the marks, those at one place as one, and in which row above the bars each stands.

    A label stands to the right of its line, and above all lines that it would cross.
    """
    wide = (high - low) or 1.0
    together: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: mark.value):
        if together and mark.value - together[-1].value < _TOGETHER * wide:
            together[-1] = Mark(_joined(together[-1].name, mark.name), together[-1].value)
        else:
            together.append(mark)
    placed: list[tuple[Mark, int]] = []
    for mark in reversed(together):
        end = mark.value + _LETTER * (len(mark.name) + 1) * wide
        row = 1 + max((other for right, other in placed if right.value < end), default=-1)
        placed.append((mark, row))
    return placed


def _joined(names: str, name: str) -> str:
    """Return the label of several marks; of percentiles the first and the last, or it is long."""
    percentile = re.fullmatch(r"(p[\d.]+)(?: \u2013 p[\d.]+)?(.*)", names)
    if percentile and re.fullmatch(r"p[\d.]+", name):
        return f"{percentile[1]} \u2013 {name}{percentile[2]}"
    return f"{names} \u00b7 {name}"


def _end(labels: Sequence[tuple[Mark, int]], low: float, high: float) -> float:
    """Return where the horizontal axis ends: the last labels have room, if they are short."""
    wide = high - low
    ends = (mark.value + _LETTER * (len(mark.name) + 1) * wide for mark, _ in labels)
    return max(high + _MARGIN * wide, min(max(ends, default=high), high + _OVERHANG * wide))


def _draw_marks(
    plot: Plot,
    labels: Sequence[tuple[Mark, int]],
    heights: tuple[float, float],
    *,
    logarithmic: bool,
) -> None:
    bottom, top = heights
    rows = 1 + max((row for _, row in labels), default=0)
    parts = [(1 + _ROW * row) / (1 + _ROW * rows) for _, row in labels]
    at = [bottom * (top / bottom) ** part if logarithmic else top * part for part in parts]
    source = data(
        x=[mark.value for mark, _ in labels], y=at, name=[mark.name for mark, _ in labels]
    )
    plot.draw(
        "Segment", source, x0=field("x"), x1=field("x"), y0=value(bottom), y1=field("y"),
        line_color=value(SECOND), line_width=value(1.5),
    )  # fmt: skip
    plot.draw(
        "Text", source, x=field("x"), y=field("y"), text=field("name"), text_color=value(INK),
        text_font=value(FONT), text_font_size=value("12px"), text_baseline=value("top"),
        x_offset=value(4), y_offset=value(-2),
    )  # fmt: skip


def curve(
    found: Distribution,
    names: Mapping[str, str],
    numbers: Numbers,
    *,
    exceedance: bool,
) -> dict[str, Any]:
    """Return the distribution function of a column or, if `exceedance`, its exceedance curve.

    Args:
        found: The column's distribution.
        names: The words of the page, and under "unit" what the horizontal axis is called.
        numbers: How numbers are written.
        exceedance: Whether shares are of values at or above, on a logarithmic axis.

    """
    total = int(found.counts.sum()) + sum(found.outside)
    part: Integers = total - found.below if exceedance else found.upto
    low, high = found.where.far if exceedance else found.where.near
    width = (high - low) * _MARGIN or 1.0
    ends = (_HALF * _PERCENT / total, 130.0) if exceedance else (0.0, 103.0)
    plot = empty_picture(
        names,
        (names["unit"], names["axis_from" if exceedance else "axis_upto"]),
        span(low - width, high + width),
        span(*ends),
        logarithmic=exceedance,
    )
    add_number_axis(plot.y_axis, names, " %")
    # Before the least value the share is 0, and beyond the greatest: the curve begins, or ends, so.
    x: Floats = found.curve
    if not exceedance:
        x, part = np.concatenate((x[:1], x)), np.concatenate(([0], part))
    source = data(
        x=x,
        y=part / total * _PERCENT,
        value=[numbers.value(value) for value in x.tolist()],
        share=[numbers.share(n, total) for n in part.tolist()],
        count=[numbers.count(n) for n in part.tolist()],
    )
    place = {"x": field("x"), "y": field("y")}
    steps = {"mode": "before" if exceedance else "after"} if found.complete else {}
    kind = "Step" if found.complete else "Line"
    plot.draw(kind, source, **place, **steps, line_color=ACCENT, line_width=2)
    unseen = {"fill_alpha": value(0), "line_alpha": value(0)}
    dots = plot.draw("Scatter", source, **place, size=value(6), **unseen)
    tips = [(names["value"], "@value"), (names["share"], "@share (@count)")]
    plot.tell(dots, tips, anywhere=True)
    return written(plot.root)
