"""A picture of the page, and what is written at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Picture:
    """A picture: its `name` on the page, what is written at it, and what Bokeh's script draws.

    Attributes:
        name: The name, different from all others on the page.
        title: What it is called.
        caption: What it shows, and how to read it.
        alt: What it shows for these data, in words.
        items: What is drawn by the label of the switch; one, with no label, where there is none.
        wide: Whether it takes the whole width.

    """

    name: str
    title: str
    caption: str
    alt: str
    items: Mapping[str, Any]
    wide: bool = False
