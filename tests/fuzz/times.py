"""The slow reader's times: a layout as a regular expression, a unit as `strftime` writes it."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache

NAMED = {"ideam-bulk": "%m/%d/%Y %I:%M:%S %p", "ideam-api": "%Y-%m-%dT%H:%M:%S.%f"}
UNITS = {
    "year": "%Y",
    "month": "%Y-%m",
    "day": "%Y-%m-%d",
    "hour": "%Y-%m-%dT%H",
    "month-of-year": "%m",
    "day-of-year": "%j",
    "hour-of-day": "%H",
    "weekday": "%u",
}
DIGITS = {"Y": "{4}", "f": "{1,6}+"}
"""How many each directive has; the others have one or two."""


@lru_cache
def _pattern(layout: str) -> re.Pattern[str]:
    directive = re.compile("%(.)")
    parts = directive.split(NAMED.get(layout, layout))
    pattern = re.escape(parts[0])
    for name, between in zip(parts[1::2], parts[2::2], strict=True):
        digits = "[0-9]" + DIGITS.get(name, "{1,2}+")
        pattern += f"(?P<{name}>{'[AaPp][Mm]' if name == 'p' else digits})" + re.escape(between)
    return re.compile(pattern)


def read_time(text: bytes, layout: str) -> datetime | None:
    """Return the time that a cell holds; None where it is no time of the layout."""
    found = _pattern(layout).fullmatch(text.decode("latin-1"))
    if not found:
        return None
    parts = found.groupdict()
    number = {name: int(digits) for name, digits in parts.items() if name != "p"}
    hour = number.get("H", 0)
    if "I" in number:
        if not 1 <= number["I"] <= 12:
            return None
        hour = number["I"] % 12 + 12 * (parts.get("p", "AM").upper() == "PM")
    day = number["Y"], number.get("m", 1), number.get("d", 1)
    try:
        return datetime(*day, hour, number.get("M", 0), number.get("S", 0))
    except ValueError:
        return None


def unit_of(time: datetime, unit: str) -> bytes:
    """Return the text of a time's unit."""
    return time.strftime(UNITS[unit].replace("%Y", f"{time.year:04}")).encode()
