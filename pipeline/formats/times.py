"""Times as a declared layout writes them, read into seconds.

A layout is that of `strptime`: %Y %m %d %H %I %M %S %f %p and %y, and what stands between them.
Times are as they stand in the file, without time zones or leap seconds, in the Gregorian calendar.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.errors import InputError
from pipeline.formats.calendar import DAY, days_in, days_since_1970
from pipeline.numeric.jit import inlined, kernel

if TYPE_CHECKING:
    from pipeline.numeric.arrays import Bytes, Integers

NAMED = {"ideam-bulk": "%m/%d/%Y %I:%M:%S %p", "ideam-api": "%Y-%m-%dT%H:%M:%S.%f"}
"""Layouts that go by a name: those of IDEAM's exports."""

NO_TIME = np.iinfo(np.int64).min
"""Stands for a cell that is no time of its layout."""

_DIRECTIVES = "YmdHIMSfpy"
_YEAR, _MONTH, _MDAY, _HOUR, _HOUR12, _MINUTE, _SECOND, _FRACTION, _HALF, _YY = range(-10, 0)
_ZERO = ord("0")
_TWELVE = 12
_PIVOT = 69  # as POSIX: 69 to 99 are 1969 to 1999
_NOT_THERE = -1
_NO_DIGITS = -1 << 16


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
    width, places = _full_width(program)
    parts = np.zeros(len(_DIRECTIVES), np.int64)
    parts[_MONTH] = parts[_MDAY] = 1
    parts[_YEAR] = parts[_HOUR12] = _NOT_THERE
    first = starts.size
    for i in range(starts.size):
        full = ends[i] - starts[i] == width
        if (full and _read_full(data, starts[i], program, places, parts)) or _read_any(
            data, starts[i], ends[i], program, parts
        ):
            seconds[i] = _seconds_since_1970(parts)
        else:
            seconds[i] = NO_TIME
        if seconds[i] == NO_TIME and i < first:
            first = i
    return first


@kernel
def _full_width(program: Integers) -> tuple[int, Integers]:
    """Return how wide a cell is whose numbers have all their digits, and the place of each step.

    A fraction has three digits. The width is -1 where the places would not be sure, for a fraction
    may go on with what follows it.
    """
    places = np.empty(program.size, np.int64)
    width = 0
    for i in range(program.size):
        step = program[i]
        places[i] = width
        width += 1 if step >= 0 else (4 if step == _YEAR else (3 if step == _FRACTION else 2))
        if step == _FRACTION and i + 1 < program.size:
            after = program[i + 1]
            if (after < 0 and after != _HALF) or _ZERO <= after < _ZERO + 10:
                return -1, places
    return width, places


@inlined
def _read_full(
    data: Bytes, start: int, program: Integers, places: Integers, parts: Integers
) -> bool:
    """Fill the `parts` of a cell of full width, by directive; return whether that is what it is."""
    for i in range(program.size):
        step, place = program[i], start + places[i]
        if step >= 0:
            if data[place] != step:
                return False
            continue
        if step == _HALF:
            number = _half(data, place, place + 2)
        else:
            number = _two_digits(data, place)
            if step == _YEAR:
                number = 100 * number + _two_digits(data, place + 2)
            elif step == _FRACTION and not _ZERO <= data[place + 2] < _ZERO + 10:
                return False
        if number < 0:
            return False
        parts[step] = number
    return True


@inlined
def _two_digits(data: Bytes, place: int) -> Any:
    """Return the number of two digits; what stays below 0 as part of a year where they are none."""
    tens, ones = np.int64(data[place]) - _ZERO, np.int64(data[place + 1]) - _ZERO
    return 10 * tens + ones if 0 <= tens < 10 and 0 <= ones < 10 else _NO_DIGITS


@kernel
def _read_any(data: Bytes, position: int, end: int, program: Integers, parts: Integers) -> bool:
    """Fill the `parts` of the cell `data[position:end]`, by directive; return whether it fits."""
    for step in program:
        if step >= 0:
            if position >= end or data[position] != step:
                return False
            position += 1
            continue
        if step == _HALF:
            parts[step] = _half(data, position, end)
            if parts[step] < 0:
                return False
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
            return False
        parts[step] = number
    return bool(position == end)


@inlined
def _seconds_since_1970(parts: Integers) -> Any:
    """Return the time of the `parts` by directive; NO_TIME where the calendar does not have it."""
    year, hour = parts[_YEAR], parts[_HOUR]
    if year == _NOT_THERE:
        year = parts[_YY] + (1900 if parts[_YY] >= _PIVOT else 2000)
    if parts[_HOUR12] != _NOT_THERE:
        if parts[_HOUR12] < 1 or parts[_HOUR12] > _TWELVE:
            return NO_TIME
        hour = parts[_HOUR12] % _TWELVE + _TWELVE * parts[_HALF]
    month, day, minute, second = parts[_MONTH], parts[_MDAY], parts[_MINUTE], parts[_SECOND]
    if year < 1 or hour > 23 or minute > 59 or second > 59:
        return NO_TIME
    if month < 1 or month > _TWELVE or day < 1 or day > days_in(year, month):
        return NO_TIME
    return days_since_1970(year, month, day) * DAY + hour * 3600 + minute * 60 + second


@inlined
def _half(data: Bytes, position: int, end: int) -> Any:
    """Return 0 for AM, 1 for PM, in either case, else -1."""
    if position + 2 > end or (data[position + 1] | 32) != ord("m"):
        return -1
    letter = data[position] | 32
    return 0 if letter == ord("a") else (1 if letter == ord("p") else -1)
