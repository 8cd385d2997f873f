"""The page of a column, or its pictures alone, where a notebook shows them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.atomic import atomic
from pipeline.errors import InputError
from pipeline.report.page.again import Again
from pipeline.statistics.result import to_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.report.page.run_log import RunLog
    from pipeline.request import Outcome
    from pipeline.statistics.result import Result

_LANGUAGES = ("en", "es")


@dataclass(frozen=True)
class Page:
    """A page of HTML that needs nothing else; a notebook shows it in a frame.

    Attributes:
        html: Its text.
        height: How high the frame is, in pixels.

    """

    html: str
    height: int

    def _repr_html_(self) -> str:
        style = f"width:100%;height:{self.height}px;border:0"
        return f'<iframe srcdoc="{escape(self.html)}" style="{style}"></iframe>'

    def save(self, path: str | Path) -> None:
        """Write the page to the file at `path`, whole or not at all. Raises OSError."""
        with atomic(Path(path)) as stream:
            stream.write(self.html)


@dataclass(frozen=True)
class ColumnFigures:
    """What can be shown of one column: see `statistics.figures.Figures`.

    Attributes:
        outcome: What a run found of this column, distribution and profile among it.
        log: What the run told of itself.
        again: How to get the same again.

    """

    outcome: Outcome
    log: RunLog
    again: Again

    def report(self, lang: str) -> Page:
        """Return the whole page. Raises InputError for a `lang` that it is not written in."""
        from pipeline.report.page.render import page_and_sayings

        _refuse_unknown(lang)
        return Page(page_and_sayings(self.outcome, self.log, self.again, lang)[0], height=800)

    def plot(self, lang: str) -> Page:
        """Return the pictures alone. Raises InputError for a `lang` they are not labelled in."""
        from pipeline.report.page.render import pictures

        _refuse_unknown(lang)
        return Page(pictures(self.outcome, lang), height=800)


def _refuse_unknown(lang: str) -> None:
    if lang not in _LANGUAGES:
        raise InputError(f"there is no report in {lang!r}; say one of: {', '.join(_LANGUAGES)}")


def with_figures(
    outcome: Outcome, log: RunLog, paths: Sequence[Path], call: str
) -> tuple[Result, ...]:
    """Return the results of an `outcome`, each with what can be shown of it.

    `log` is what the run told of itself, `paths` are the files that were read by the `call`.
    """
    results = outcome.results
    again = Again.of(paths, {"results.json": to_json(results, outcome.left_out).encode()}, call)
    return tuple(
        replace(result, figures=ColumnFigures(outcome.only([place]), log, again))
        for place, result in enumerate(results)
    )
