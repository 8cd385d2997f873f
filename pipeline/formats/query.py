"""What a user asks of the rows of a table: which columns, which rows, grouped by what."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.defaults import MAX_GROUPS
from pipeline.errors import InputError
from pipeline.formats.units import UNITS

if TYPE_CHECKING:
    from collections.abc import Mapping

ALL = "*"
"""The name that stands for every column that holds numbers."""

FILE = "file"
"""The key that stands for the name of a row's file."""

_RELATION = re.compile(r"(!=|<=|>=|=|<|>)")


@dataclass(frozen=True)
class Key:
    """A column to group by: by the text of its cells or, with a `unit`, by the time in them."""

    column: str
    unit: str | None = None

    @classmethod
    def parse(cls, text: str) -> Key:
        """Return the key that `COLUMN` or `COLUMN:unit` names.

        Raises InputError for a unit that is none.
        """
        column, colon, unit = text.rpartition(":")
        if not colon:
            return cls(text)
        if unit not in UNITS:
            raise InputError(
                f"--by {text} names no unit of time after the colon; units are {', '.join(UNITS)}"
            )
        return cls(column, unit)

    @property
    def name(self) -> str:
        """What results call it."""
        return f"{self.column}:{self.unit}" if self.unit else self.column


@dataclass(frozen=True)
class Condition:
    """What the cell of a column must be for its row to count.

    Attributes:
        column: The column's name.
        relation: One of `=`, `!=`, `<`, `<=`, `>=`, `>`.
        operands: What the cell is compared with: one, or several for `=` and `!=`.

    """

    column: str
    relation: str
    operands: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Condition:
        """Return the condition that `COLUMN=A`, `COLUMN!=A,B` or `COLUMN<NUMBER` names.

        Raises InputError for what is no such text.
        """
        column, *rest = _RELATION.split(text, maxsplit=1)
        if not rest or not column.strip():
            raise InputError(
                f"--where {text!r} cannot be read; write it like 'CodigoSensor=0068', "
                "'CodigoSensor!=0068,0069' or 'Latitud>=4.5'"
            )
        relation, operand = rest
        operands = tuple(part.strip() for part in next(csv.reader([operand]), [])) or ("",)
        if relation not in ("=", "!=") and len(operands) > 1:
            raise InputError(f"--where {text!r} compares with several values; {relation} takes one")
        return cls(column.strip(), relation, operands)


def parse_time(text: str) -> tuple[str, str]:
    """Return the column and the layout that `COLUMN=LAYOUT` names; raise InputError for others."""
    column, sign, layout = text.partition("=")
    if not (sign and column and layout):
        raise InputError(
            f"--time {text!r} cannot be read; write it like Fecha='%d/%m/%Y %H:%M' or "
            "FechaObservacion=ideam-bulk"
        )
    return column.strip(), layout


@dataclass(frozen=True)
class Query:
    """What is read of each row.

    Attributes:
        columns: The number columns that are described, by name or by number, from 1. ALL stands
            for all that hold numbers.
        by: The keys that the rows are grouped by.
        where: The conditions that all rows must meet; others count as `filtered`.
        times: The layouts of time columns, by name.
        valid_range: The least and the greatest value that counts; others are `out_of_range`.
        max_groups: How many groups there may be.
        max_rejects: How many of the cells and rows that are skipped are kept; 0 for none.
        numbers_only: Whether a column is left out, not refused, that has a cell which is no number:
            so it is with ALL, and for the columns that ALL has come to stand for.

    Raises:
        InputError: A unit of time, or a comparison with a time, of a column without a layout.

    """

    columns: tuple[str | int, ...]
    by: tuple[Key, ...] = ()
    where: tuple[Condition, ...] = ()
    times: Mapping[str, str] = field(default_factory=dict)
    valid_range: tuple[float, float] | None = None
    max_groups: int = MAX_GROUPS
    max_rejects: int = 0
    numbers_only: bool = False

    def __post_init__(self) -> None:
        """Refuse what has no meaning."""
        timed = {name.strip().casefold() for name in self.times}
        for key in self.by:
            if key.unit and key.column.strip().casefold() not in timed:
                raise InputError(
                    f"--by {key.name} needs to know how {key.column} writes times; say it with "
                    f"--time {key.column}='%d/%m/%Y %H:%M', or ideam-bulk, or ideam-api"
                )
        if len(set(self.by)) < len(self.by):
            raise InputError("--by names a key twice; leave one out")
        if ALL in self.columns and len(self.columns) > 1:
            raise InputError(f"--column {ALL!r} stands for all columns; name no other beside it")
        if len(set(self.columns)) < len(self.columns):
            raise InputError("--column names a column twice; leave one out")
        if self.valid_range and not self.valid_range[0] <= self.valid_range[1]:
            low, high = self.valid_range
            raise InputError(f"--valid-range {low},{high} holds no number; write LOW,HIGH")
        if self.max_groups < 1:
            raise InputError(f"--max-groups must be 1 or more, not {self.max_groups}")
        if self.max_rejects < 0:
            raise InputError(f"--max-rejects must be 0 or more, not {self.max_rejects}")

    @property
    def is_simple(self) -> bool:
        """Whether one column of all rows is asked for, as a whole, and nothing else."""
        several = len(self.columns) > 1 or self.leaves_out
        return not (several or self.by or self.where or self.valid_range or self.max_rejects)

    @property
    def leaves_out(self) -> bool:
        """Whether columns that do not hold numbers are left out."""
        return self.numbers_only or self.columns == (ALL,)
