"""Finding the column that the user names among a table's columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence


def find_column(
    name: str, columns: Sequence[str], wanted: str | int, remedy: str, *, header: bool = True
) -> int:
    """Return the index, from 0, of the column `wanted` among the `columns` of the file `name`.

    An integer is the column's number, counted from 1; so is a text when there is no `header`. Any
    other text is a name: the exact one, else the one that differs only in case and outer blanks.

    Raises InputError where there is no such column, or more than one: then it ends with `remedy`.
    """
    if isinstance(wanted, int) or not header:
        return _by_number(name, columns, str(wanted))
    return _by_name(name, columns, wanted, remedy)


def _by_name(name: str, columns: Sequence[str], wanted: str, remedy: str) -> int:
    exact = [i for i, column in enumerate(columns) if column == wanted]
    same = exact or [
        i for i, column in enumerate(columns) if column.strip().casefold() == wanted.casefold()
    ]
    if not same:
        raise InputError(f"{name} has no column {wanted!r}; it has {', '.join(map(repr, columns))}")
    if len(same) > 1:
        numbers = " and ".join(str(i + 1) for i in same)
        raise InputError(f"{name} has {len(same)} columns {wanted!r}, number {numbers}; {remedy}")
    return same[0]


def _by_number(name: str, columns: Sequence[str], wanted: str) -> int:
    if not wanted.isdecimal():
        raise InputError(
            f"{name} is read without a header, so that a column goes by its number, from 1 to "
            f"{len(columns)}, not by {wanted!r}; say --column 1"
        )
    if not 1 <= int(wanted) <= len(columns):
        raise InputError(
            f"{name} has {len(columns)} columns and none with the number {wanted}; "
            f"name one from 1 to {len(columns)}"
        )
    return int(wanted) - 1
