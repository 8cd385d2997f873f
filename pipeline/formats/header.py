"""Finding the column that the user names among a table's columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence


def find(name: str, columns: Sequence[str], wanted: str, remedy: str) -> int:
    """Return the index of the column `wanted` of the table called `name`.

    The exact name goes first; else it is the one that differs only in case and outer blanks.
    Raises InputError where there is none, or more than one: the sentence ends with `remedy`.
    """
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


def find_number(name: str, columns: Sequence[str], wanted: str | int) -> int:
    """Return the index of the column with the number `wanted`, counted from 1.

    Raises InputError when it is no number, or there is no such column.
    """
    if not str(wanted).isdecimal():
        raise InputError(
            f"without a header the column is named by its number, from 1 to {len(columns)}, "
            f"not {wanted!r}; say --column 1"
        )
    if not 1 <= int(wanted) <= len(columns):
        raise InputError(f"{name} has {len(columns)} columns; there is no column {wanted}")
    return int(wanted) - 1
