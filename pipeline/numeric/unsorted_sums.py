"""Exact sums of values in any order, and of their squares.

A value goes into the sums of its field, its sign and exponent, as an integer of 53 bits. What the
few fields of a column come to is put together in the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.numeric.intrinsics import add_pair, decompose, product
from pipeline.numeric.jit import inlined
from pipeline.numeric.mantissas import FIELDS, field_of, shift_of

if TYPE_CHECKING:
    from pipeline.numeric.arrays import Integers, Words

MAX_ADDENDS = 1 << 20
"""Values that are summed at once: squares of 106 bits then add up in 128."""

_WORD_BITS = 64


@inlined
def no_field_sums() -> Words:
    """Return the sums of no value: of each field the sum of mantissas and of their squares.

    A sum is two uint64, the lowest first: so the shape is (FIELDS, 4).
    """
    return np.zeros((FIELDS, 4), np.uint64)


@inlined
def add_to_field(value: float, sums: Words) -> None:
    """Add a finite float64 and its square to the sums of its field."""
    field = np.uint64(field_of(value))
    mantissa = np.uint64(abs(decompose(value)[0]))
    sums[field, 0], sums[field, 1] = add_pair(
        (sums[field, 0], sums[field, 1]), (mantissa, np.uint64(0))
    )
    sums[field, 2], sums[field, 3] = add_pair(
        (sums[field, 2], sums[field, 3]), product(mantissa, mantissa)
    )


@inlined
def used_fields(sums: Words) -> tuple[Integers, Words]:
    """Return which fields there are, and their sums."""
    fields = np.flatnonzero(sums[:, 2] | sums[:, 3])
    return fields, sums[fields]


def two_power_sums(fields: Integers, sums: Words) -> tuple[int, int]:
    """Return the exact sums of values and of their squares, in units of 2**-1074 and 2**-2148.

    `fields` and `sums` are those of `used_fields`.
    """
    first = second = 0
    for field, (low, high, square_low, square_high) in zip(
        fields.tolist(), sums.tolist(), strict=True
    ):
        shift = int(shift_of(field))
        total = (low + (high << _WORD_BITS)) << shift
        first += -total if field >= FIELDS // 2 else total
        second += (square_low + (square_high << _WORD_BITS)) << (2 * shift)
    return first, second
