"""What all pictures of the page have in common: their style, and how shapes are added to one.

Colours are stand-ins: the page's script puts in their place the colours of its theme.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.report.page.parts import Part, mapping, part

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ACCENT, SECOND, INK, FAINT, PAPER = "#010101", "#010102", "#010103", "#010104", "#010105"

HEIGHT = 340
"""The usual height of a picture, in pixels."""

FONT = "system-ui, sans-serif"
"""The font of all texts in pictures."""

_SIZE = "13px"


@dataclass(frozen=True)
class Plot:
    """A picture that is being made.

    Attributes:
        root: The picture.
        x_axis: Its horizontal axis.
        y_axis: Its vertical axis.
        x_grid: The lines at the ticks of the horizontal axis.
        y_grid: Those of the vertical axis.
        shapes: What is drawn.
        tools: What a reader may do with it.

    """

    root: Part
    x_axis: Part
    y_axis: Part
    x_grid: Part
    y_grid: Part
    shapes: list[Part]
    tools: list[Part]

    def draw(self, kind: str, source: Part, **properties: Any) -> Part:
        """Draw shapes of a `kind` with these `properties`, one for each row of the `source`.

        Returns what is drawn, as `tell` wants it.
        """
        shape = part("GlyphRenderer", data_source=source, glyph=part(kind, **properties))
        self.shapes.append(shape)
        return shape

    def tell(
        self, shapes: Part, tips: Sequence[tuple[str, str]], *, anywhere: bool = False
    ) -> None:
        """Tell of the shape below the pointer.

        Args:
            shapes: What was drawn.
            tips: What is told: names, and texts with the names of columns behind an @.
            anywhere: Whether it is enough that the pointer is above or below the shape.

        """
        where = {"mode": "vline"} if anywhere else {}
        self.tools.append(part("HoverTool", renderers=[shapes], tooltips=list(tips), **where))


def empty_picture(
    names: Mapping[str, str],
    labels: tuple[str, str],
    x_range: Part,
    y_range: Part,
    *,
    logarithmic: bool = False,
    height: int = HEIGHT,
) -> Plot:
    """Return an empty picture in the page's style.

    Args:
        names: The words of the page, and under "point" and "group" how it writes numbers.
        labels: What the axes are called.
        x_range: What the horizontal axis shows first.
        y_range: What the vertical axis shows first.
        logarithmic: Whether the vertical axis is.
        height: The height in pixels.

    """
    scale = "Log" if logarithmic else "Linear"
    x_axis, y_axis = _axis("Linear", labels[0]), _axis(scale, labels[1])
    add_number_axis(y_axis, names)
    x_grid, y_grid = (
        part("Grid", axis=axis, dimension=i, grid_line_color=FAINT, grid_line_alpha=0.5)
        for i, axis in enumerate((x_axis, y_axis))
    )
    x_grid.set(visible=False)
    zoom = part("BoxZoomTool", dimensions="width")
    moved = (part(kind, dimensions="width") for kind in ("WheelZoomTool", "PanTool"))
    tools = [zoom, *moved, part("ResetTool"), part("SaveTool")]
    shapes: list[Part] = []
    root = part(
        "Figure", height=height, sizing_mode="stretch_width", x_range=x_range, y_range=y_range,
        y_scale=part(f"{scale}Scale"), left=[y_axis], below=[x_axis], center=[x_grid, y_grid],
        renderers=shapes, toolbar_location="above",
        toolbar=part("Toolbar", tools=tools, logo=None, active_drag=zoom, active_scroll=None),
        background_fill_alpha=0, border_fill_alpha=0, outline_line_color=None,
        min_border_left=56, min_border_right=12,
    )  # fmt: skip
    return Plot(root, x_axis, y_axis, x_grid, y_grid, shapes, tools)


def _axis(scale: str, label: str) -> Part:
    return part(
        f"{scale}Axis", axis_label=plain(label),
        axis_label_text_font_style="normal",
        axis_label_text_font_size=_SIZE, major_label_text_font_size=_SIZE,
        axis_label_text_font=FONT, major_label_text_font=FONT,
        axis_label_text_color=INK, major_label_text_color=INK,
        axis_line_color=FAINT, major_tick_line_color=FAINT, minor_tick_line_color=None,
    )  # fmt: skip


def plain(text: str) -> Part:
    """Return a label's `text`; what looks like a formula in a column's name is none."""
    return part("PlainText", text=text)


def add_number_axis(axis: Part, names: Mapping[str, str], unit: str = "") -> None:
    """Write the numbers at an `axis` as the language of `names` does, a `unit` behind them."""
    marks = json.dumps({",": names["group"], ".": names["point"]})
    # Without a limit of its own, it would write three decimals and make one of several ticks.
    number = "tick.toLocaleString('en', {maximumFractionDigits: 10})"
    code = f"{number}.replace(/[,.]/g, (mark) => ({marks})[mark])"
    add_written_axis(axis, f"return {code} + {json.dumps(unit)}")


def add_written_axis(axis: Part, code: str, **known: Any) -> None:
    """Write at an `axis` what the script `code` makes of `tick` and of what is `known`."""
    given = {"args": mapping(known)} if known else {}
    axis.set(formatter=part("CustomJSTickFormatter", code=code, **given))


def span(start: float, end: float) -> Part:
    """Return what an axis shows first, from `start` to `end`."""
    return part("Range1d", start=start, end=end)
