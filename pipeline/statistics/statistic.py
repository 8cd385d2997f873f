"""What a statistic is: one row of the table in `pipeline.statistics.result`."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import Enum
from textwrap import fill
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pipeline.statistics.sufficient import SufficientStatistics

Value = int | float | None | dict[float, float | None]
"""A count, a number, None where it is undefined, or numbers by the percentage they belong to."""


class Unit(Enum):
    """How the unit of a statistic follows from that of the column."""

    NONE = "without unit"
    COLUMN = "in the unit of the column"
    SQUARE = "in the square of the column's unit"


@dataclass(frozen=True)
class Statistic:
    """A row of the table of statistics. Its name is that of its field in `Result`.

    Attributes:
        formula: How it follows from the sufficient statistics: a pure function. It returns None
            where the statistic is undefined.
        title: What a reader's table calls it. `{window}` stands for the length of the windows.
        unit: Its unit.
        place: Where it stands in a reader's table: statistics are sorted by it.
        definition: What it is, in one sentence.
        reference: Its name in `combined_results.csv`; None if it is not in that file.

    """

    formula: Callable[[SufficientStatistics], Value]
    title: str
    unit: Unit
    place: int
    definition: str
    reference: str | None = None


_KEY = "statistic"
_WIDTH = 96


def row(
    formula: Callable[[SufficientStatistics], Value],
    title: str,
    unit: Unit,
    *,
    place: int,
    definition: str,
    reference: str | None = None,
) -> dict[str, Statistic]:
    """Return a row of the table as the metadata of its field in `Result`.

    `formula`, `title`, `unit`, `place`, `definition` and `reference` are those of `Statistic`.
    """
    return {_KEY: Statistic(formula, title, unit, place, definition, reference)}


def table(result: type[Any]) -> dict[str, Statistic]:
    """Return the rows of the dataclass `result` by the names of their fields, in their order."""
    return {item.name: item.metadata[_KEY] for item in fields(result) if _KEY in item.metadata}


def readable(
    values: Mapping[str, Value], statistics: Mapping[str, Statistic], window: int
) -> Iterator[tuple[str, str, str]]:
    """Yield title, value and definition, as a reader sees them, of `values` by their names.

    They are those of `statistics`, in the order of a reader's table, a line for each percentile;
    `window` is how many values a window of the moving variance holds.
    """
    for name, statistic in sorted(statistics.items(), key=lambda item: item[1].place):
        title, value = statistic.title.format(window=window), values[name]
        if isinstance(value, dict):
            for key, one in value.items():
                yield f"{title} {key}", _text(one), statistic.definition
        else:
            yield title, _text(value), statistic.definition


def _text(value: float | None) -> str:
    if value is None:
        return "undefined"
    return f"{value:,}" if isinstance(value, int) else repr(value)


def documentation(result: type[Any]) -> str:
    """Return the docstring of the dataclass `result`, each row's unit and definition added."""
    types = {item.name: item.type for item in fields(result)}
    lines = [
        fill(
            f"{name} ({types[name]}, {statistic.unit.value}): {statistic.definition}.",
            width=_WIDTH,
            initial_indent=" " * 8,
            subsequent_indent=" " * 12,
        )
        for name, statistic in table(result).items()
    ]
    return "\n".join([f"{result.__doc__}".rstrip(), *lines, ""])
