"""How the text of an option becomes a value: sizes, percentages, lists of names, marks."""

from __future__ import annotations

import csv
from typing import Any

import click

_UNITS = {"": 1, "b": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30}
_UNITS |= {"kb": 10**3, "mb": 10**6, "gb": 10**9}


class Size(click.ParamType[int]):
    """A number of bytes: 1000000, 64MiB, 1GB."""

    name = "size"

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        """Return the bytes that `value` names; `param` and `ctx` tell click where it was given."""
        text = str(value).strip().lower()
        digits = text.rstrip("bikmg ")
        unit = text[len(digits) :].strip()
        if not digits.isdecimal() or unit not in _UNITS or not int(digits):
            self.fail(f"{value!r} is not a size; write it like 64MiB or 1GB", param, ctx)
        return int(digits) * _UNITS[unit]


class Percentages(click.ParamType[tuple[float, ...]]):
    """Percentages with commas between them: 10,25,99.9."""

    name = "list"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[float, ...]:
        """Return the percentages in `value`; `param` and `ctx` tell click where it was given."""
        numbers = []
        for text in value.split(","):
            try:
                number = float(text)
            except ValueError:
                self.fail(f"{text!r} is not a percentage; write them like 5,50,99.9", param, ctx)
            if not 0 <= number <= 100:  # noqa: PLR2004
                self.fail(f"{text!r} is not between 0 and 100", param, ctx)
            numbers.append(int(number) if number.is_integer() else number)
        return tuple(dict.fromkeys(numbers))


class Range(click.ParamType[tuple[float, float]]):
    """Two numbers with a comma between them, the least first: -10,60."""

    name = "range"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[float, float]:
        """Return the numbers in `value`; `param` and `ctx` tell click where it was given."""
        try:
            low, high = map(float, value.split(","))
        except ValueError:
            self.fail(f"{value!r} is not a range; write it like -10,60", param, ctx)
        if not low <= high:
            self.fail(f"{value!r} holds no number; write the least first", param, ctx)
        return low, high


class Names(click.ParamType[tuple[str, ...]]):
    """Names with commas between them, quoted as in a CSV file where one holds a comma."""

    name = "list"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, ...]:
        """Return the names in `value`; `param` and `ctx` tell click where it was given."""
        if isinstance(value, tuple):
            return value
        names = next(csv.reader([value]), [])
        if not names or not all(names) or len(set(names)) < len(names):
            self.fail(f"{value!r} is not a list of different names; write it like A,B", param, ctx)
        return tuple(names)


def mark(_context: Any, _option: Any, value: str | None) -> str | None:
    """Return the one character that `value` names: a tab may be written as a word."""
    return {"tab": "\t", "\\t": "\t"}.get(value, value) if value else value
