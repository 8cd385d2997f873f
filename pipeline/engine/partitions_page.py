"""The page `partitions` of the dashboard: which parts of the file were read, and what came out.

It is one more of Dask's own pages: under the same server, behind the same login and checks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from bokeh.layouts import column
from bokeh.models import ColumnDataSource, Range1d
from bokeh.models.widgets import Div
from bokeh.plotting import figure
from distributed.dashboard.components import DashboardComponent, add_periodic_callback
from jinja2 import Environment

from pipeline.engine.so_far import CELLS, NAME, SoFar

if TYPE_CHECKING:
    from bokeh.document import Document
    from distributed import Scheduler

    from pipeline.engine.so_far import Run

_EVERY_MS = 500
_PERCENT = 100
_COLOUR, _SECOND, _GREY = "#0072b2", "#d55e00", "#e5e7eb"  # Okabe and Ito's
_NOTHING = "No run has read a partition yet. This page follows the newest run of this cluster."
_CAPTION = (
    "Blue is what was read, along all files in their order; the line is the mean of the first "
    "column there. These numbers are a look at what is known so far, in float64 and in no order. "
    "The results of the run are exact."
)
_HEADS = ("column", "values", "missing", "mean", "min", "max")
_TABLE = Environment(autoescape=True).from_string(
    "<table><tr>{% for head in heads %}<th>{{ head }}</th>{% endfor %}</tr>"
    "{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}"
    "</table>"
)
_STYLE = """
table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 0 6px 32px; text-align: right; border-bottom: 1px solid #d9dce1; }
th { color: #565b63; font-weight: normal; }
th:first-child, td:first-child { padding-left: 0; text-align: left; }
"""


def register() -> None:
    """Add the page to those that a dashboard has when it is loaded: call it before that.

    A page whose name begins so is in Dask's menu of single plots, and JupyterLab's.
    """
    from distributed.dashboard.scheduler import applications

    applications["/partitions"] = applications["/individual-partitions"] = page


def page(scheduler: Scheduler, extra: dict[str, Any], doc: Document) -> None:
    """Fill the document `doc` of a reader with the page of a `scheduler`; `extra` is Dask's."""
    from distributed.dashboard.components.scheduler import BOKEH_THEME, env

    shown = Partitions(scheduler)
    doc.title = "Dask: partitions"
    doc.add_root(shown.layout)
    doc.template = env.get_template("simple.html")
    doc.template_variables.update(extra)
    doc.theme = BOKEH_THEME
    shown.update()
    add_periodic_callback(doc, shown, _EVERY_MS)


def headline(run: Run) -> str:
    """Return what is said first of a `run`: what it reads, how much is done, and how fast."""
    about, seconds = run.about, max(run.ended - run.began, 1e-6)
    return (
        f"{about.file}: {len(run.starts):,} of {about.partitions:,} partitions, "
        f"{run.size / 1e6:,.1f} of {about.size / 1e6:,.1f} MB, {run.size / 1e6 / seconds:,.0f} MB/s"
    )


def table(run: Run) -> list[tuple[str, ...]]:
    """Return what is known of each column of a `run`, as the texts of a table's rows."""
    return [
        (
            name,
            f"{found.count:,}",
            f"{found.missing:,}",
            _text(found.mean),
            _text(found.least if found.count else None),
            _text(found.greatest if found.count else None),
        )
        for name, found in zip(run.about.columns, run.columns, strict=False)
    ]


def _text(number: float | None) -> str:
    return "\N{EN DASH}" if number is None else f"{number:,.6g}"


class Partitions(DashboardComponent):
    """The page as one reader sees it."""

    def __init__(self, scheduler: Scheduler) -> None:
        """Draw the page of a `scheduler`, empty."""
        self._scheduler = scheduler
        self._seen: object = None
        edges = np.linspace(0, _PERCENT, CELLS + 1)
        nothing = np.full(CELLS, np.nan)
        self._cells = ColumnDataSource(
            {"left": edges[:-1], "right": edges[1:], "read": nothing, "mean": nothing}
        )
        self._table = Div(stylesheets=[_STYLE])
        # Plain text: names of files and columns are the data's.
        self._title = Div(text=_NOTHING, render_as_text=True, styles={"font-size": "18px"})
        caption = Div(text=_CAPTION, render_as_text=True, styles={"color": "#565b63"})
        self._means, bar = self._draw()
        self.root = self.layout = column(
            self._title, bar, self._means, caption, self._table, sizing_mode="stretch_width",
            spacing=8, styles={"padding": "16px 24px", "max-width": "1200px"},
        )  # fmt: skip

    def _draw(self) -> tuple[Any, Any]:
        """Return the means along the table, and the bar of what was read."""
        across = Range1d(start=0, end=_PERCENT)
        plain: dict[str, Any] = {
            "x_range": across,
            "sizing_mode": "stretch_width",
            "toolbar_location": None,
        }
        bar = figure(height=48, y_range=Range1d(start=0, end=1), tools="", **plain)
        bar.quad(left=0, right=_PERCENT, bottom=0, top=1, fill_color=_GREY, line_color=None)
        bar.quad(
            source=self._cells, left="left", right="right", bottom=0, top="read",
            fill_color=_COLOUR, line_color=_COLOUR, line_width=0.5,
        )  # fmt: skip
        bar.axis.visible = bar.grid.visible = False
        bar.outline_line_color = None
        means = figure(height=260, tools="", **plain)
        means.segment(
            source=self._cells, x0="left", x1="right", y0="mean", y1="mean", line_color=_SECOND,
            line_width=3,
        )  # fmt: skip
        means.xaxis.axis_label, means.yaxis.axis_label = "% of the data", "mean"
        means.outline_line_color = None
        bar.min_border_left = means.min_border_left = 70
        return means, bar

    def update(self, messages: object = None) -> None:  # noqa: ARG002 - Dask's name for it
        """Show the newest run as it is now; `messages` are Dask's, and not used."""
        kept = self._scheduler.plugins.get(NAME)
        run = next(reversed(kept.runs.values()), None) if isinstance(kept, SoFar) else None
        seen = run and (run.name, len(run.starts))
        if run is None or seen == self._seen:
            return  # what a run that is over came to stays, for who looks at it
        self._seen = seen
        self._title.text = headline(run)
        self._means.yaxis.axis_label = f"mean of {next(iter(run.about.columns), '')}"
        read = np.where(run.read > 0, np.minimum(run.read, 1.0), np.nan)  # NaN is not drawn
        self._cells.data = {**self._cells.data, "read": read, "mean": run.means}
        self._table.text = _TABLE.render(heads=_HEADS, rows=table(run))
