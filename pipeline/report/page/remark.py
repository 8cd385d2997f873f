"""A remark: one thing that stands out, with its figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

Figure = tuple[str, float | str, float]
"""How a number is written, and the number: ("count", 3, 0), ("value", 1.5, 0), ("share", 3, 10).

Or a text of the data: ("text", "A", 0).
"""


@dataclass(frozen=True)
class Remark:
    """One thing that stands out.

    Attributes:
        rule: The rule that found it, by its name in `remark_words.REMARKS`.
        weight: How much it matters, from 0 to 1.
        figures: Its numbers, by their names in the sentence.
        section: The part of the page that shows it.

    """

    rule: str
    weight: float
    figures: Mapping[str, Figure]
    section: str = "values"
