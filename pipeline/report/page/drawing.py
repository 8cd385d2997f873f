"""What all pictures of the page have in common: their style, and how they become data.

Colours are stand-ins: the page's script puts in their place the colours of its theme.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bokeh import __version__
from bokeh.document import Document
from bokeh.models import CustomJSTickFormatter, PlainText, Range1d
from bokeh.plotting import figure

if TYPE_CHECKING:
    from collections.abc import Mapping

ACCENT, SECOND, INK, FAINT, PAPER = "#010101", "#010102", "#010103", "#010104", "#010105"

HEIGHT = 340
"""The usual height of a picture, in pixels."""

_FONT = "13px"


def empty_picture(
    names: Mapping[str, str],
    labels: tuple[str, str],
    x_range: Any,
    y_range: Any,
    y_scale: Any,
    height: int = HEIGHT,
) -> Any:
    """Return an empty picture in the page's style.

    Args:
        names: The words of the page, and under "point" and "group" how it writes numbers.
        labels: What the axes are called.
        x_range: What the horizontal axis shows first.
        y_range: What the vertical axis shows first.
        y_scale: "linear" or "log".
        height: The height in pixels.

    """
    plot = figure(
        height=height, sizing_mode="stretch_width", x_range=x_range, y_range=y_range,
        y_axis_type=y_scale, tools="xbox_zoom,xwheel_zoom,xpan,reset,save",
        active_drag="xbox_zoom", active_scroll=None, toolbar_location="above",
    )  # fmt: skip
    plot.toolbar.logo = None
    plot.background_fill_alpha = plot.border_fill_alpha = 0
    plot.outline_line_color = None
    plot.min_border_left, plot.min_border_right = 56, 12
    # Plain text: what looks like a formula in a column's name is none.
    plot.xaxis.axis_label, plot.yaxis.axis_label = (PlainText(text=label) for label in labels)
    add_number_axis(plot.yaxis, names)
    for axis in plot.axis:
        axis.axis_label_text_font_style = "normal"
        axis.axis_label_text_font_size = axis.major_label_text_font_size = _FONT
        axis.axis_label_text_font = axis.major_label_text_font = "system-ui, sans-serif"
        axis.axis_label_text_color = axis.major_label_text_color = INK
        axis.axis_line_color = axis.major_tick_line_color = FAINT
        axis.minor_tick_line_color = None
    for grid in plot.grid:
        grid.grid_line_color = FAINT
        grid.grid_line_alpha = 0.5
    plot.xgrid.visible = False
    return plot


def add_number_axis(axis: Any, names: Mapping[str, str], unit: str = "") -> None:
    """Write the numbers at an `axis` as the language of `names` does, a `unit` behind them."""
    marks = json.dumps({",": names["group"], ".": names["point"]})
    # Without a limit of its own, it would write three decimals and make one of several ticks.
    number = "tick.toLocaleString('en', {maximumFractionDigits: 10})"
    code = f"{number}.replace(/[,.]/g, (mark) => ({marks})[mark])"
    axis.formatter = CustomJSTickFormatter(code=f"return {code} + {json.dumps(unit)}")


def span(start: float, end: float) -> Range1d:
    """Return what an axis shows first, from `start` to `end`."""
    return Range1d(start=start, end=end)


def item(plot: Any) -> dict[str, Any]:
    """Return a `plot` as data, the same for the same picture: its parts numbered from 1."""
    # As Bokeh's json_item does, which writes everything twice.
    document = Document(title="")
    document.add_root(plot)
    data = {"target_id": None, "root_id": plot.id, "doc": document.to_json(deferred=False)}
    text = json.dumps({**data, "version": __version__})
    names: dict[str, str] = {}

    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: renamed(one) for key, one in value.items()}
        if isinstance(value, list):
            return [renamed(one) for one in value]
        return names.get(value, value) if isinstance(value, str) else value

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            if isinstance(value.get("id"), str):
                names.setdefault(value["id"], f"m{len(names) + 1}")
            for one in value.values():
                collect(one)
        elif isinstance(value, list):
            for one in value:
                collect(one)

    found: dict[str, Any] = json.loads(text)
    collect(found["doc"])
    result: dict[str, Any] = renamed(found)
    return result
