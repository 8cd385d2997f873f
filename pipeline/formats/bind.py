"""Binding a query to a file: names become places, texts of conditions become what is compared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf, isfinite, nextafter
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.formats.missing import encoded
from pipeline.formats.query import ALL, FILE
from pipeline.formats.selection import (
    CONSTANT,
    TEXT,
    Between,
    KeyPart,
    Numbers,
    OneOf,
    Refusals,
    Selection,
    TimeColumn,
)
from pipeline.formats.times import NO_TIME, compile_layout
from pipeline.formats.units import UNITS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipeline.formats.query import Condition, Query

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - times are as they stand in the file
_ISO = (
    ("%Y-%m-%dT%H:%M:%S", timedelta(seconds=1)),
    ("%Y-%m-%dT%H:%M", timedelta(minutes=1)),
    ("%Y-%m-%dT%H", timedelta(hours=1)),
    ("%Y-%m-%d", timedelta(days=1)),
)
_DECEMBER = 12


@dataclass(frozen=True)
class Header:
    """What binding needs to know of a file.

    Attributes:
        file: The file's name, without its folder.
        names: The names of its columns, or their numbers.
        find: Returns the index of the column that the user names; raises InputError.
        encoding: The encoding of its text.
        numbered: Whether columns go by their numbers.

    """

    file: str
    names: Sequence[str]
    find: Callable[[str | int], int]
    encoding: str
    numbered: bool = False


def bind(
    query: Query, header: Header, cells: Numbers, refusals: Refusals, *, skip_invalid: bool
) -> tuple[tuple[int, ...], Selection]:
    """Return the indices of the columns that a query reads of a file, and what is made of them.

    Raises InputError for a column that is not there, and for an operand that cannot be compared.
    """
    every = [*range(1, len(header.names) + 1)] if header.numbered else header.names
    columns = [header.find(name) for name in (every if query.columns == (ALL,) else query.columns)]
    keys = [-1 if _is_file(key.column, header) else header.find(key.column) for key in query.by]
    conditions = [header.find(condition.column) for condition in query.where]
    times = {header.find(name): layout for name, layout in query.times.items()}
    timed = _timed(query, keys, conditions, times)
    fields = tuple(sorted({*columns, *conditions, *(key for key in keys if key >= 0)}))
    place = {index: i for i, index in enumerate(fields)}
    parts = []
    for key, index in zip(query.by, keys, strict=True):
        if index < 0:
            parts.append(
                KeyPart(unit=CONSTANT, text=header.file.encode(header.encoding, "replace"))
            )
        elif key.unit:
            parts.append(KeyPart(place[index], timed.index(index), UNITS.index(key.unit)))
        else:
            parts.append(KeyPart(place[index], unit=TEXT))
    pairs = list(zip(query.where, conditions, strict=True))
    untimed = [(one, place[index]) for one, index in pairs if index not in times]
    selection = Selection(
        names=tuple(header.names[index] for index in fields),
        numbers=tuple(place[index] for index in columns),
        keys=tuple(parts),
        texts=tuple(
            OneOf(at, _texts(one, header.encoding), one.relation == "!=")
            for one, at in untimed
            if one.relation in ("=", "!=")
        ),
        comparisons=tuple(
            (at, _numbers(one)) for one, at in untimed if one.relation not in ("=", "!=")
        ),
        times=tuple(
            TimeColumn(
                place[index],
                tuple(compile_layout(header.names[index], times[index]).tolist()),
                tuple(_moments(one) for one, at in pairs if at == index),
            )
            for index in timed
        ),
        cells=cells,
        valid_range=query.valid_range,
        skip_invalid=skip_invalid,
        numbers_only=query.leaves_out,
        max_groups=query.max_groups,
        max_rejects=query.max_rejects,
        encoding=header.encoding,
        refusals=refusals,
    )
    return fields, selection


def _timed(
    query: Query, keys: Sequence[int], conditions: Sequence[int], times: dict[int, str]
) -> list[int]:
    """Return the columns whose times are read, in the order of the file."""
    by_unit = {index for key, index in zip(query.by, keys, strict=True) if key.unit}
    return sorted(by_unit | (times.keys() & set(conditions)))


def _is_file(column: str, header: Header) -> bool:
    """Whether a key is the name of the file: there is no column of that name."""
    return column == FILE and FILE not in (name.strip().casefold() for name in header.names)


def _texts(condition: Condition, encoding: str) -> tuple[bytes, ...]:
    option = f"--where {condition.column!r}{condition.relation}"
    return tuple(encoded(text, encoding, option) for text in condition.operands)


def _numbers(condition: Condition) -> Between:
    operand = condition.operands[0]
    try:
        number = float(operand)
    except ValueError:
        number = inf
    if not isfinite(number):
        raise InputError(
            f"--where {condition.column!r}{condition.relation}{operand} compares with no number; "
            f"if {condition.column} holds times, say how they are written: --time "
            f"{condition.column}=ideam-bulk"
        )
    return {
        "<": Between(-inf, number),
        "<=": Between(-inf, nextafter(number, inf)),
        ">=": Between(number, inf),
        ">": Between(nextafter(number, inf), inf),
    }[condition.relation]


def _moments(condition: Condition) -> Between:
    if len(condition.operands) > 1:
        raise InputError(
            f"--where {condition.column!r}{condition.relation}{','.join(condition.operands)} "
            "compares a time with several; name one, such as 2019 or 2019-03-07"
        )
    first, after = _span(condition)
    last = float(-NO_TIME)
    return {
        "=": Between(first, after),
        "!=": Between(first, after, negated=True),
        "<": Between(-last, first),
        "<=": Between(-last, after),
        ">=": Between(first, last),
        ">": Between(after, last),
    }[condition.relation]


def _span(condition: Condition) -> tuple[int, int]:
    """Return the seconds since 1970 at which the time in a condition begins and has ended."""
    text = condition.operands[0].replace(" ", "T")
    for layout, size in _ISO:
        try:
            begin = datetime.strptime(text, layout)  # noqa: DTZ007
        except ValueError:
            continue
        return _seconds(begin), _seconds(begin) + int(size.total_seconds())
    year, _, month = text.partition("-")
    try:
        begin = datetime(int(year), int(month or 1), 1)  # noqa: DTZ001
    except ValueError:
        raise InputError(
            f"--where {condition.column!r}{condition.relation}{condition.operands[0]} compares "
            "with no time; write one like 2019, 2019-03, 2019-03-07 or 2019-03-07T14:00"
        ) from None
    months = begin.year * _DECEMBER + begin.month - 1 + (1 if month else _DECEMBER)
    days = _seconds(datetime(months // _DECEMBER, months % _DECEMBER + 1, 1))  # noqa: DTZ001
    return _seconds(begin), days


def _seconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(seconds=1)
