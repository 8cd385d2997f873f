"""Groups by place and time: a map of completeness, and one of the means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.formats.units import UNITS
from pipeline.report.page.drawing import (
    FAINT,
    FONT,
    INK,
    PAPER,
    SECOND,
    add_number_axis,
    add_written_axis,
    empty_picture,
    span,
)
from pipeline.report.page.parts import data, field, part, value, written
from pipeline.report.page.picture import Picture
from pipeline.statistics.groups import key_texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.numeric.arrays import Floats, Integers
    from pipeline.report.page.numbers import Numbers
    from pipeline.report.page.parts import Part
    from pipeline.statistics.group_table import GroupTable

MOST_CELLS = 8_000
"""Cells of a map: rows are left out until there are no more."""

MOST_TIMES = 1_000
"""Times beyond which there is no map."""

_ENDINGS = tuple(f":{unit}" for unit in UNITS)
_TICKS = 5  # not Bokeh's default: that is not written, and the page's script looks for it
_OUTERMOST = 2
_LABEL = 28
_SHORTENED = """
const label = labels[tick] ?? '';
return window.innerWidth < 500 && label.length > 13 ? label.slice(0, 12) + '\u2026' : label
"""
_ROW_PIXELS, _FRAME_PIXELS, _LEAST_PIXELS = 16, 90, 200
_SHADES = 16
_CIVIDIS = [
    *("#00204c", "#002b68", "#06366e", "#2c416b", "#414d6b", "#51586c", "#60646e", "#6f6f72"),
    *("#7c7b78", "#8c8878", "#9c9477", "#aca173", "#bdaf6e", "#cebd67", "#e0cb5d", "#f3db4f"),
]
"""Shades of means, from the least on: every sixteenth of Nuñez, Anderton and Renslow's."""
_TINT, _OPAQUE = 24, 255
_PERCENT = 100


@dataclass(frozen=True)
class _Grid:
    """Groups in rows and columns: `row` and `column` of each of the `groups` that are shown.

    `unit` is that of the times, and `shift` what is added to a column: a multiple of twelve is then
    the first month of a year.
    """

    rows: list[str]
    times: list[str]
    groups: Integers
    row: Integers
    column: Integers
    all_rows: int
    unit: str
    shift: int


def heat_maps(
    table: GroupTable,
    column: int,
    keys: Sequence[str],
    names: Mapping[str, str],
    numbers: Numbers,
    anchor: str,
) -> list[Picture]:
    """Return the maps of a column; none where no key, or more than one, is a time.

    Args:
        table: The statistics of all groups.
        column: The column's index.
        keys: The names of the keys.
        names: The words of the page.
        numbers: How numbers are written.
        anchor: What the pictures' names begin with.

    """
    statistics = table.statistics[column]
    grid = _grid(table, keys, statistics["count"])
    if grid is None:
        return []
    counters = ("count", "missing", "invalid", "out_of_range")
    cells = sum(statistics[name][grid.groups] for name in counters)
    share = statistics["count"][grid.groups] / np.maximum(cells, 1)
    means = np.asarray(statistics["mean"][grid.groups], np.float64)
    known = means[~np.isnan(means)]
    shares = [numbers.share(round(1000 * one), 1000) for one in share.tolist()]
    texts = [numbers.value(None if one != one else one, 4) for one in means.tolist()]  # noqa: PLR0124
    drawn = {
        "heat_complete": _draw(
            grid, share * _PERCENT, shares, _missing_scale(), names, " %", transparent=True
        ),
        "heat_mean": _draw(grid, means, texts, _mean_scale(known), names),
    }
    note = names["heat_some"].format(
        shown=numbers.count(len(grid.rows)), groups=numbers.count(grid.all_rows)
    )
    return [
        Picture(
            f"{anchor}-{name}",
            names[name],
            f"{names[f'{name}_caption']}{f' {note}' if len(grid.rows) < grid.all_rows else ''}",
            names["heat_alt"].format(
                title=names[name],
                groups=numbers.count(len(grid.rows)),
                times=numbers.count(len(grid.times)),
                first=grid.times[0],
                last=grid.times[-1],
            ),
            {"": plot},
            wide=True,
        )
        for name, plot in drawn.items()
    ]


def _grid(table: GroupTable, keys: Sequence[str], counts: Integers | Floats) -> _Grid | None:
    """Return where each group stands: by all keys but the only one that is a time, and by that."""
    timed = [place for place, name in enumerate(keys) if name.endswith(_ENDINGS)]
    if len(timed) != 1 or len(keys) == 1:
        return None
    (place,) = timed
    texts = [key_texts(key) for key in table.keys.to_list()]
    times = sorted({key[place] for key in texts})
    if not times or len(times) > MOST_TIMES:
        return None
    names = [" / ".join((*key[:place], *key[place + 1 :])) for key in texts]
    values: dict[str, int] = {}
    for name, count in zip(names, counts.tolist(), strict=True):
        values[name] = values.get(name, 0) + int(count)
    most = max(1, MOST_CELLS // len(times))
    fullest = set(sorted(values, key=lambda name: -values[name])[:most])
    rows = sorted(fullest, key=_natural)
    unit = keys[place][keys[place].rindex(":") :]
    groups = [i for i, name in enumerate(names) if name in fullest]
    at_row, at_time = ({one: i for i, one in enumerate(some)} for some in (rows, times))
    return _Grid(
        [_plain(name) for name in rows],
        times,
        np.array(groups, np.int64),
        np.array([at_row[names[i]] for i in groups], np.int64),
        np.array([at_time[texts[i][place]] for i in groups], np.int64),
        len(values),
        unit,
        int(times[0][-2:]) - 1 if unit == ":month" else 0,
    )


def _missing_scale() -> Part:
    """Return the colours of shares that are not missing: what is, has the colour of the missing."""
    steps = range(_SHADES)
    shades = [f"{SECOND}{round(_OPAQUE - (_OPAQUE - _TINT) * i / steps[-1]):02x}" for i in steps]
    return part("LinearColorMapper", palette=shades, low=0, high=_PERCENT)


def _mean_scale(means: Floats) -> Part:
    """Return the colours of `means`, none of which is NaN."""
    ends = np.percentile(means, [_OUTERMOST, _PERCENT - _OUTERMOST]) if means.size else [0, 0]
    low, high = map(float, ends)
    high = high if high > low else low + 1
    return part("LinearColorMapper", palette=_CIVIDIS, low=low, high=high)


def _natural(text: str) -> list[tuple[str, int, str, str]]:
    """Return what texts are sorted by, so that S2 is before S10; a number may be of any length."""
    parts = re.findall(r"([^0-9]*)(0*)([0-9]*)", text)
    return [(word, len(digits), digits, zeros) for word, zeros, digits in parts]


def _plain(text: str) -> str:
    """Return a label: UTF-8, and not so long that it takes the picture's place."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= _LABEL else f"{text[: _LABEL - 1]}\u2026"


def _draw(
    grid: _Grid,
    values: Floats,
    texts: Sequence[str],
    scale: Part,
    names: Mapping[str, str],
    unit: str = "",
    *,
    transparent: bool = False,
) -> dict[str, Any]:
    rows, times = len(grid.rows), len(grid.times)
    height = max(_LEAST_PIXELS, _FRAME_PIXELS + _ROW_PIXELS * rows)
    first = grid.shift - 0.5
    plot = empty_picture(
        names, ("", ""), span(first, first + times), span(rows - 0.5, -0.5), height=height
    )
    for grid_lines in (plot.x_grid, plot.y_grid):
        grid_lines.set(visible=False)
    plot.draw(
        "Quad", data(left=[first], right=[first + times]), left=field("left"), right=field("right"),
        bottom=value(-0.5), top=value(rows - 0.5), fill_color=value(None), line_color=value(None),
        hatch_pattern=value("right_diagonal_line"), hatch_color=value(FAINT), hatch_scale=value(8),
    )  # fmt: skip
    _label_times(plot.x_axis, grid)
    plot.y_axis.set(ticker=part("FixedTicker", ticks=list(range(rows))))
    add_written_axis(plot.y_axis, _SHORTENED, labels=grid.rows)
    known = ~np.isnan(values)
    source = data(
        x=grid.column[known] + grid.shift,
        y=grid.row[known],
        value=values[known],
        text=[text for text, there in zip(texts, known.tolist(), strict=True) if there],
        group=[grid.rows[i] for i in grid.row[known].tolist()],
        time=[grid.times[i] for i in grid.column[known].tolist()],
    )
    place = {"x": field("x"), "y": field("y"), "width": value(1), "height": value(1)}
    colour = field("value", scale)
    # Under colours that are transparent the hatching would be seen; the lines close the seams.
    under = value(PAPER) if transparent else colour
    plot.draw("Rect", source, **place, fill_color=under, line_color=under)
    cells = plot.draw("Rect", source, **place, fill_color=colour, line_color=value(None))
    plot.tell(cells, [("@group", "@time: @text")])
    bar = part(
        "ColorBar", color_mapper=scale, width=10, background_fill_alpha=0,
        major_label_text_color=INK, major_label_text_font=FONT, major_label_text_font_size="13px",
        major_tick_line_color=None, bar_line_color=None,
    )  # fmt: skip
    add_number_axis(bar, names, unit)
    plot.root.set(right=[bar])
    return written(plot.root)


def _label_times(axis: Part, grid: _Grid) -> None:
    """Let ticks of months stand at whole years, where there are enough, and be called so."""
    months = grid.unit == ":month"
    base, mantissas = (120, [1, 3, 6, 12, 24, 60]) if months else (10, [1, 2, 5])
    ticker = part(
        "AdaptiveTicker", base=base, mantissas=mantissas, min_interval=1,
        desired_num_ticks=_TICKS, num_minor_ticks=0,
    )  # fmt: skip
    axis.set(ticker=ticker)
    year = "label && label.endsWith('-01') ? label.slice(0, -3) : " if months else ""
    code = f"const label = labels[tick - shift]; return {year}label ?? ''"
    add_written_axis(axis, code, labels=grid.times, shift=grid.shift)
