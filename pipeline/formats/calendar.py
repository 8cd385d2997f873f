"""The Gregorian calendar: days since 1970-01-01, and the units that rows can be grouped by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.numeric.jit import inlined, kernel

if TYPE_CHECKING:
    from pipeline.numeric.arrays import Bytes

DAY = 86400
"""Seconds."""

LONGEST_UNIT = 16
"""Bytes that the text of a unit takes at most."""

_ZERO = ord("0")
_TWELVE = 12
_LAST_UNIT_WITH_YEAR = 3

_THREE, _FOUR, _HUNDRED = np.uint64(3), np.uint64(4), np.uint64(100)
_DAYS_OF_400_YEARS = np.uint64(146097)
_YEARS = np.uint64(2939745)
_MONTHS, _FIRST_MONTH = np.uint64(2141), np.uint64(197913)
_HALF, _LOW = np.uint64(32), np.uint64(0xFFFF_FFFF)
_QUARTER, _LOWEST = np.uint64(16), np.uint64(0xFFFF)
"""Integers of the type of the words that they are put together with."""


@inlined
def days_in(year: int, month: int) -> Any:
    """Return how many days a `month` of a `year` has."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


@inlined
def days_since_1970(year: int, month: int, day: int) -> Any:
    """Return the days since 1970-01-01.

    Richards, "Mapping time", 1998, with years that begin in March, so that a leap day is the last.
    """
    if month <= 2:
        year -= 1
        month += _TWELVE
    of_year = (153 * (month - 3) + 2) // 5 + day - 1
    return 365 * year + year // 4 - year // 100 + year // 400 + of_year - 719468


@inlined
def civil(days: int) -> Any:
    """Return year, month and day of the month, of days since 1970-01-01, from the year 0 on.

    Neri and Schneider, "Euclidean affine functions and their application to calendar algorithms",
    2022, figure 12: quotients by constants that are products and shifts.
    """
    since = _FOUR * np.uint64(days + 719468) + _THREE  # quarters, of years that begin in March
    century = since // _DAYS_OF_400_YEARS
    scaled = _YEARS * ((since % _DAYS_OF_400_YEARS) | _THREE)
    year = np.int64(_HUNDRED * century + (scaled >> _HALF))
    of_year = (scaled & _LOW) // _YEARS // _FOUR
    of_months = _MONTHS * of_year + _FIRST_MONTH
    month = np.int64(of_months >> _QUARTER)
    day = np.int64((of_months & _LOWEST) // _MONTHS) + 1
    if month > _TWELVE:
        return year + 1, month - _TWELVE, day
    return year, month, day


@kernel
def write_unit(seconds: int, unit: int, text: Bytes, place: int) -> Any:
    """Write the unit, by its index in UNITS, of a time at `text[place]`; return where it ends."""
    days = seconds // DAY
    year, month, day = civil(days)
    hour = (seconds - days * DAY) // 3600
    if unit <= _LAST_UNIT_WITH_YEAR:
        place = _digits(year, 4, text, place)
        if unit >= 1:
            text[place] = ord("-")
            place = _digits(month, 2, text, place + 1)
        if unit >= 2:
            text[place] = ord("-")
            place = _digits(day, 2, text, place + 1)
        if unit >= _LAST_UNIT_WITH_YEAR:
            text[place] = ord("T")
            place = _digits(hour, 2, text, place + 1)
        return place
    if unit == 4:
        return _digits(month, 2, text, place)
    if unit == 5:
        return _digits(days - days_since_1970(year, 1, 1) + 1, 3, text, place)
    if unit == 6:
        return _digits(hour, 2, text, place)
    return _digits((days + 3) % 7 + 1, 1, text, place)


@inlined
def _digits(number: int, width: int, text: Bytes, place: int) -> Any:
    for i in range(width - 1, -1, -1):
        text[place + i] = _ZERO + number % 10
        number //= 10
    return place + width


@inlined
def unit_of(seconds: int, unit: int) -> Any:
    """Return the number of a time's unit, by its index in UNITS."""
    days = seconds // DAY
    if unit == 2:
        return days
    if unit == 3:
        return seconds // 3600
    if unit == 6:
        return (seconds - days * DAY) // 3600
    if unit == 7:
        return (days + 3) % 7 + 1
    year, month, _ = civil(days)
    if unit == 0:
        return year
    if unit == 1:
        return year * _TWELVE + month - 1
    if unit == 4:
        return month
    return days - days_since_1970(year, 1, 1) + 1


@inlined
def moment_of(number: int, unit: int) -> Any:
    """Return a time, in seconds since 1970, whose unit has that number."""
    if unit == 0:
        return days_since_1970(number, 1, 1) * DAY
    if unit == 1:
        return days_since_1970(number // _TWELVE, number % _TWELVE + 1, 1) * DAY
    if unit == 2:
        return number * DAY
    if unit == 3:
        return number * 3600
    if unit == 4:
        return days_since_1970(2000, number, 1) * DAY
    if unit == 5:
        return (days_since_1970(2000, 1, 1) + number - 1) * DAY
    if unit == 6:
        return number * 3600
    return (number - 4) * DAY
