"""Times as a declared layout writes them: read into seconds, written as ISO 8601 units.

A layout is that of `strptime`: %Y %m %d %H %I %M %S %f %p and %y, and what stands between them.
Times are as they stand in the file, without time zones or leap seconds, in the Gregorian calendar.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.errors import InputError
from pipeline.numeric.jit import inlined, kernel

if TYPE_CHECKING:
    from pipeline.numeric.arrays import Bytes, Integers

NAMED = {"ideam-bulk": "%m/%d/%Y %I:%M:%S %p", "ideam-api": "%Y-%m-%dT%H:%M:%S.%f"}
"""Layouts that go by a name: those of IDEAM's exports."""

NO_TIME = np.iinfo(np.int64).min
"""Stands for a cell that is no time of its layout."""

LONGEST_UNIT = 16
"""Bytes that the text of a unit takes at most."""

DAY = 86400
"""Seconds."""

_DIRECTIVES = "YmdHIMSfpy"
_YEAR, _MONTH, _MDAY, _HOUR, _HOUR12, _MINUTE, _SECOND, _FRACTION, _HALF, _YY = range(-10, 0)
_ZERO = ord("0")
_TWELVE = 12
_PIVOT = 69  # as POSIX: 69 to 99 are 1969 to 1999
_LAST_UNIT_WITH_YEAR = 3


def compile_layout(column: str, layout: str) -> Integers:
    """Return a layout, or the named one, as a program for `read_times`, int64 of shape (steps,).

    A step is a byte to find, or a negative number for a directive. Raises InputError for a layout
    that names no year, or has a directive that is not known.
    """
    text = NAMED.get(layout, layout)
    steps, i = [], 0
    while i < len(text):
        if text[i] == "%" and text[i + 1 : i + 2] != "%":
            directive = text[i + 1 : i + 2]
            if not directive or directive not in _DIRECTIVES:
                raise InputError(
                    f"the layout {layout!r} of the times in column {column!r} has %{directive}, "
                    f"which is none of {' '.join('%' + d for d in _DIRECTIVES)}; "
                    f"names for whole layouts are {', '.join(NAMED)}"
                )
            steps.append(_DIRECTIVES.index(directive) - len(_DIRECTIVES))
            i += 2
        else:
            i += 1 + (text[i] == "%")
            steps += text[i - 1].encode()
    if _YEAR not in steps and _YY not in steps:
        raise InputError(
            f"the layout {layout!r} of the times in column {column!r} has no year (%Y); write it "
            f"like '%d/%m/%Y %H:%M', or name one of {', '.join(NAMED)}"
        )
    return np.array(steps, np.int64)


@kernel
def read_times(
    data: Bytes, starts: Integers, ends: Integers, program: Integers, seconds: Integers
) -> int:
    """Fill `seconds` since 1970 of the cells `data[starts[i]:ends[i]]`, NO_TIME where it is none.

    Return the index of the first such cell, or how many cells there are.
    """
    first = starts.size
    for i in range(starts.size):
        seconds[i] = _read_time(data, starts[i], ends[i], program)
        if seconds[i] == NO_TIME and i < first:
            first = i
    return first


@kernel
def _read_time(data: Bytes, position: int, end: int, program: Integers) -> Any:
    year = minute = second = hour = 0
    month = day = 1
    half = -1
    twelve = False
    for step in program:
        if step >= 0:
            if position >= end or data[position] != step:
                return NO_TIME
            position += 1
            continue
        if step == _HALF:
            half = _half(data, position, end)
            if half < 0:
                return NO_TIME
            position += 2
            continue
        most = 4 if step == _YEAR else (6 if step == _FRACTION else 2)
        number: Any = 0
        start = position
        while position < end and position - start < most:
            digit = np.int64(data[position]) - _ZERO
            if digit < 0 or digit > 9:
                break
            number = number * 10 + digit
            position += 1
        if position == start or (step == _YEAR and position - start < most):
            return NO_TIME
        if step == _YEAR:
            year = number
        elif step == _YY:
            year = number + (1900 if number >= _PIVOT else 2000)
        elif step == _MONTH:
            month = number
        elif step == _MDAY:
            day = number
        elif step in (_HOUR, _HOUR12):
            hour = number
            twelve = step == _HOUR12
        elif step == _MINUTE:
            minute = number
        elif step == _SECOND:
            second = number
    if position != end:
        return NO_TIME
    if twelve:
        if hour < 1 or hour > _TWELVE:
            return NO_TIME
        hour = hour % _TWELVE + (_TWELVE if half == 1 else 0)
    if year < 1 or hour > 23 or minute > 59 or second > 59:
        return NO_TIME
    if month < 1 or month > _TWELVE or day < 1 or day > _days_in(year, month):
        return NO_TIME
    return _days(year, month, day) * DAY + hour * 3600 + minute * 60 + second


@kernel
def _half(data: Bytes, position: int, end: int) -> Any:
    """Return 0 for AM, 1 for PM, in either case, else -1."""
    if position + 2 > end or (data[position + 1] | 32) != ord("m"):
        return -1
    letter = data[position] | 32
    return 0 if letter == ord("a") else (1 if letter == ord("p") else -1)


@inlined
def _days_in(year: int, month: int) -> Any:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


@inlined
def _days(year: int, month: int, day: int) -> Any:
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
    """Return year, month and day of the month, of days since 1970-01-01."""
    shifted = days + 719468
    era = shifted // 146097
    of_era = shifted - era * 146097
    year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    year += era * 400
    if month >= 10:
        return year + 1, month - 9, day
    return year, month + 3, day


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
        return _digits(days - _days(year, 1, 1) + 1, 3, text, place)
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
    return days - _days(year, 1, 1) + 1


@inlined
def moment_of(number: int, unit: int) -> Any:
    """Return a time, in seconds since 1970, whose unit has that number."""
    if unit == 0:
        return _days(number, 1, 1) * DAY
    if unit == 1:
        return _days(number // _TWELVE, number % _TWELVE + 1, 1) * DAY
    if unit == 2:
        return number * DAY
    if unit == 3:
        return number * 3600
    if unit == 4:
        return _days(2000, number, 1) * DAY
    if unit == 5:
        return (_days(2000, 1, 1) + number - 1) * DAY
    if unit == 6:
        return number * 3600
    return (number - 4) * DAY
