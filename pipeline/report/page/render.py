"""The page as one HTML file: the template, filled."""

from __future__ import annotations

import json
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution, version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline.fingerprint import fingerprint
from pipeline.report.page.model import column_part
from pipeline.report.page.numbers import Numbers
from pipeline.report.page.picture import Picture
from pipeline.report.page.time_span import time_span
from pipeline.report.page.timeline import partitions
from pipeline.report.page.words import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.report.page.again import Again
    from pipeline.report.page.run_log import RunLog
    from pipeline.request import Outcome

_LIMIT = 0.8
_SHORT = 0.5


def prepare() -> None:
    """Read and compile what the page is made from, which takes as long as to make it."""
    for name in ("page.html.j2", "picture.html.j2"):
        _environment().get_template(name)
    _bokeh()
    _version()


def page_and_sayings(
    outcome: Outcome, log: RunLog, again: Again, lang: str
) -> tuple[str, list[str]]:
    """Return the page of a run as HTML, and what stands out, in sentences.

    All but its section about the run is the same for any partitioning.

    Args:
        outcome: What the run found, distributions among it.
        log: What it told of itself.
        again: How to get the same again.
        lang: The reader's language, "en" or "es".

    """
    names, numbers = words(lang), Numbers.of(lang)
    columns = [column_part(outcome, i, lang) for i in range(len(outcome.results))]
    several = len(columns) > 1
    sayings = [
        f"{column.name}: {saying.text}" if several else saying.text
        for column in columns
        for saying in column.sayings
    ]
    source = outcome.result.source
    first = outcome.result
    rows = first.count + first.missing + first.invalid + first.out_of_range
    title = "title_several" if several else "title"
    html = str(
        _environment()
        .get_template("page.html.j2")
        .render(
            lang=lang,
            names=names,
            title=names[title].format(column=columns[0].name, columns=len(columns)),
            file=source.file,
            rows=names["rows"].format(rows=numbers.count(rows)),
            span=time_span(outcome.groups, outcome.keys, names),
            size=_size(source.size, numbers),
            columns=columns,
            run=_run(log, names, numbers),
            timeline=_timeline(log, names, numbers),
            again=again,
            inputs=[(name, _size(size, numbers)) for name, size in again.inputs],
            version=_version(),
            bokeh=_bokeh(),
            style=_text("style.css"),
            script=_text("page.js"),
        )
    )
    return html, sayings


def pictures(outcome: Outcome, lang: str) -> str:
    """Return the pictures of the first column of an `outcome` alone, as HTML; `lang` as above."""
    return str(
        _environment()
        .get_template("pictures.html.j2")
        .render(
            lang=lang,
            names=words(lang),
            column=column_part(outcome, 0, lang),
            bokeh=_bokeh(),
            style=_text("style.css"),
            script=_text("page.js"),
        )
    )


def _run(log: RunLog, names: Mapping[str, str], numbers: Numbers) -> dict[str, str]:
    """Return what is said of the run: how fast it was, and what limited it."""
    if not log.reads:
        return {}
    seconds, reading = log.seconds, log.reading
    used = numbers.share(round(1000 * log.busy), 1000)
    if reading < _SHORT * seconds:
        limit = names["limited_start"]
    else:
        limit = names["limited_cpu" if log.busy > _LIMIT else "limited_disk"]
    line = names["read_line"].format(
        size=_size(log.size, numbers),
        partitions=numbers.count(len(log.reads)),
        workers=numbers.count(len(log.workers)),
        seconds=numbers.value(round(seconds, 2), 3),
        rate=numbers.value(log.size / 1e6 / max(seconds, 1e-9), 3),
    )
    limit = limit.format(
        used=used,
        seconds=numbers.value(round(seconds, 2), 3),
        reading=numbers.value(round(reading, 2), 3),
    )
    return {names["read"]: line, names["limited_by"]: limit}


def _timeline(log: RunLog, names: Mapping[str, str], numbers: Numbers) -> list[Picture]:
    if not log.reads:
        return []
    alt = names["partitions_alt"].format(
        partitions=numbers.count(len(log.reads)),
        workers=numbers.count(len(log.workers)),
        seconds=numbers.value(round(log.reading, 2), 3),
    )
    items = {"": partitions(log, names)}
    return [
        Picture("timeline", names["partitions"], names["partitions_caption"], alt, items, wide=True)
    ]


def _size(size: int, numbers: Numbers) -> str:
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= unit:
            return f"{numbers.value(round(size / unit, 2), 4)}\u00a0{name}"
    return f"{numbers.count(size)}\u00a0B"


@cache
def _version() -> str:
    try:
        return f"dask-swarm {version('dask-swarm')} ({fingerprint()})"
    except PackageNotFoundError:
        return f"dask-swarm ({fingerprint()})"


@cache
def _bokeh() -> str:
    """Return Bokeh's script, which may stand in an HTML element."""
    path = Path(str(distribution("bokeh").locate_file("bokeh/server/static/js/bokeh.min.js")))
    return path.read_text("utf-8").replace("</script", "<\\/script")


def _text(name: str) -> str:
    return files("pipeline.report.page").joinpath(name).read_text("utf-8")


def _as_json(value: Any) -> str:
    """Return `value` as JSON that may stand in a script element: no text in it can end that."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=True)
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("pipeline.report.page", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["json"] = _as_json
    return environment
