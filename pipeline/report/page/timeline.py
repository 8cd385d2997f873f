"""When each partition was read, and by which worker: the picture of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.report.page.drawing import ACCENT, PAPER, empty_picture, span
from pipeline.report.page.parts import data, field, mapping, part, value, written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.report.page.run_log import RunLog

_HALF = 0.5
_MOST_HEIGHT = 600
_FRAME = 110
_LANE = 26


def partitions(log: RunLog, names: Mapping[str, str]) -> dict[str, Any]:
    """Return when each partition was read, and by which worker.

    Args:
        log: What the run told of itself; of one partition or more.
        names: The words of the page.

    """
    lanes = log.lanes()
    start = min(read.began for _, read in lanes)
    labels = sorted({lane for lane, _ in lanes}, reverse=True)
    plot = empty_picture(
        names,
        (names["axis_seconds"], ""),
        span(0, max(read.ended for _, read in lanes) - start or 1.0),
        span(-_HALF, len(labels) - _HALF),
        height=min(_MOST_HEIGHT, _FRAME + _LANE * len(labels)),
    )
    place = {lane: i for i, lane in enumerate(labels)}
    source = data(
        left=[read.began - start for _, read in lanes],
        right=[read.ended - start for _, read in lanes],
        y=[place[lane] for lane, _ in lanes],
        size=[f"{read.size / 1e6:,.1f} MB" for _, read in lanes],
        rate=[
            f"{read.size / 1e6 / max(read.ended - read.began, 1e-6):,.0f} MB/s" for _, read in lanes
        ],
    )
    bars = plot.draw(
        "HBar", source, left=field("left"), right=field("right"), y=field("y"), height=value(0.7),
        fill_color=value(ACCENT), fill_alpha=value(0.75), line_color=value(PAPER),
    )  # fmt: skip
    workers = {i: f"{names['worker']} {worker}.{lane}" for i, (worker, lane) in enumerate(labels)}
    ticker = part("FixedTicker", ticks=list(workers))
    plot.y_axis.set(ticker=ticker, major_label_overrides=mapping(workers))
    plot.y_grid.set(visible=False)
    plot.tell(bars, [("", "@size, @rate")])
    return written(plot.root)
