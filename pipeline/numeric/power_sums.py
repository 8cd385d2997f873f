"""Exact power sums of values and their counts: as Python's integers, or as totals in an array."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.numeric.exact import MANTISSA_BITS, shift_range
from pipeline.numeric.intrinsics import decompose
from pipeline.numeric.jit import kernel
from pipeline.numeric.mantissas import (
    FIELDS,
    SUM_WORDS,
    add_four_powers,
    add_shifted,
    add_two_powers,
    field_of,
    shift_of,
    sign_of,
)

if TYPE_CHECKING:
    from pipeline.numeric.arrays import Floats, Integers, Words

POWERS = 4
"""The highest power that is ever summed."""

MAX_ADDENDS = 1 << 20
"""Values that are summed at once: so many fit into a sum of mantissas, and into a total."""

_SUM_BYTES = 8 * SUM_WORDS

_TOTAL_BITS = 96
"""Bits from the lowest of any value to the highest of any: 4 * 96 + 40 + 20 are fewer than 512."""


def power_sums(values: Floats, counts: Integers, highest: int = POWERS) -> list[int]:
    """Return the exact sums of counts * values**k for k = 1 ... `highest`, 2 or POWERS.

    They are in units of 2**(-1074 k). `values` (float64, finite) and `counts` (integers from 1 to
    2**40) have the shape (n,), in any order.
    """
    totals = [0] * highest
    for start in range(0, values.size, MAX_ADDENDS):
        part = slice(start, start + MAX_ADDENDS)
        signs, shifts, sums = _sums_by_field(values[part], counts[part], highest)
        words = sums.tobytes()
        each = range(highest)
        for i, (sign, shift) in enumerate(zip(signs.tolist(), shifts.tolist(), strict=True)):
            for k in each:
                place = (i * highest + k) * _SUM_BYTES
                total = int.from_bytes(words[place : place + _SUM_BYTES], "little")
                totals[k] += sign ** (k + 1) * total << ((k + 1) * shift)
    return totals


@kernel
def _sums_by_field(
    values: Floats, counts: Integers, highest: int
) -> tuple[Integers, Integers, Words]:
    """Return sign and shift of each field that values have, and power sums of their mantissas.

    The sums are uint64 of shape (fields, highest, SUM_WORDS), without their sign.
    """
    places = np.full(FIELDS, -1, np.int64)
    found = 0
    for value in values:
        field = field_of(value)
        if places[field] < 0:
            places[field] = found
            found += 1
    signs, shifts = np.empty(found, np.int64), np.empty(found, np.int64)
    for field in range(FIELDS):
        if places[field] >= 0:
            signs[places[field]], shifts[places[field]] = sign_of(field), shift_of(field)
    sums = np.zeros((found, highest, SUM_WORDS), np.uint64)
    for i in range(values.size):
        mantissa, _ = decompose(values[i])
        place = places[field_of(values[i])]
        if highest == POWERS:
            add_four_powers(sums, place, np.uint64(abs(mantissa)), np.uint64(counts[i]))
        else:
            add_two_powers(sums, place, np.uint64(abs(mantissa)), np.uint64(counts[i]))
    return signs, shifts, sums


@kernel
def sum_into(values: Floats, counts: Integers, totals: Words, place: int, sums: Words) -> Any:
    """Add the power sums of values and their counts to `totals[place]`; return their lowest shift.

    The sum of k-th powers is in units of 2**(k * (shift - 1074)). `totals` is uint64 of shape
    (n, POWERS, TOTAL_WORDS), the lowest word first. Return -1, with nothing added, where a total
    has no room for them. Sorted values are fast. `sums` is room to work in, of shape
    (1, POWERS, SUM_WORDS) and all zeros.
    """
    lowest, highest = shift_range(values)
    if highest - lowest + MANTISSA_BITS >= _TOTAL_BITS or values.size > MAX_ADDENDS:
        return -1
    i = 0
    while i < values.size:
        field = field_of(values[i])
        while i < values.size and field_of(values[i]) == field:
            mantissa, _ = decompose(values[i])
            add_four_powers(sums, 0, np.uint64(abs(mantissa)), np.uint64(counts[i]))
            i += 1
        # Zeros have a shift of their own, and nothing to add.
        places, sign = max(0, shift_of(field) - lowest), sign_of(field)
        for k in range(POWERS):
            add_shifted(totals, place, sums, k, (k + 1) * places, 1 if k % 2 else sign)
        sums[:] = 0
    return lowest
