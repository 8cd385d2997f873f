"""What can be shown of a column beside its statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path


class Shown(Protocol):
    """A page of HTML, which a notebook shows in place."""

    @property
    def html(self) -> str:
        """The text of the page."""

    def save(self, path: str | Path) -> None:
        """Write it to the file at `path`."""


class Figures(Protocol):
    """What draws a column: see `report.page.shown.ColumnFigures`."""

    def report(self, lang: str) -> Shown:
        """Return the page about the column, in the language `lang`."""

    def plot(self, lang: str) -> Shown:
        """Return its pictures alone, labelled in the language `lang`."""
