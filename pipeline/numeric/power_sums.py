"""Exact power sums of values and their counts: as Python's integers, or as totals in an array."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.numeric.exact import MANTISSA_BITS, integer, shift_range
from pipeline.numeric.intrinsics import decompose
from pipeline.numeric.jit import inlined, kernel
from pipeline.numeric.mantissas import (
    FIELDS,
    NO_SUMS,
    POWERS,
    SUM_WORDS,
    TOTAL_WORDS,
    add_powers,
    add_shifted,
    field_of,
    shift_of,
)

if TYPE_CHECKING:
    from pipeline.numeric.arrays import Floats, Integers, Words

MAX_ADDENDS = 1 << 20
"""Values of one total, which then cannot overflow."""

_TOTAL_BITS = 96
"""Bits from the lowest of any value to the highest of any: 4 * 96 + 40 + 20 are fewer than 512."""

_FEW_VALUES = 64
"""Values that are summed with Python's integers when their exponents are too far apart."""


def power_sums(values: Floats, counts: Integers) -> list[int]:
    """Return the exact sums of counts * values**k for k = 1 ... POWERS.

    They are in units of 2**(-1074 k). `values` (float64, finite) and `counts` (integers from 1 to
    2**40) have the shape (n,). Any order will do; sorted values are fast.
    """
    totals = np.zeros((1, POWERS, TOTAL_WORDS), np.uint64)
    shift = sum_into(values, counts, totals, 0, np.zeros((POWERS, SUM_WORDS), np.uint64))
    if shift >= 0:
        return [
            int.from_bytes(total.tobytes(), "little", signed=True) << (k * shift)
            for k, total in enumerate(totals[0], 1)
        ]
    if values.size > _FEW_VALUES:
        cut = values.size // 2
        left = power_sums(values[:cut], counts[:cut])
        right = power_sums(values[cut:], counts[cut:])
        return [a + b for a, b in zip(left, right, strict=True)]
    pairs = [(integer(x), n) for x, n in zip(values.tolist(), counts.tolist(), strict=True)]
    return [sum(n * x**k for x, n in pairs) for k in range(1, POWERS + 1)]


@kernel
def sum_into(values: Floats, counts: Integers, totals: Words, place: int, sums: Words) -> Any:
    """Add the power sums of values and their counts to `totals[place]`; return their lowest shift.

    The sum of k-th powers is in units of 2**(k * (shift - 1074)). `totals` is uint64 of shape
    (n, POWERS, TOTAL_WORDS), the lowest word first. Return -1, with nothing added, where a total
    has no room for them. `sums` is room to work in, of shape (POWERS, SUM_WORDS) and all zeros at
    first. The rest is as in `power_sums`.
    """
    lowest, top = shift_range(values)
    if top - lowest + MANTISSA_BITS >= _TOTAL_BITS or values.size > MAX_ADDENDS:
        return -1
    i = 0
    while i < values.size:
        field = field_of(values[i])
        i = _sum_field(values, counts, i, field, sums)
        # Zeros have a shift of their own, and nothing to add.
        shift, negative = max(0, shift_of(field) - lowest), field >= FIELDS // 2
        for k in range(POWERS):
            sign = -1 if negative and k % 2 == 0 else 1
            add_shifted(totals, place, sums, k, (k + 1) * shift, sign)
    return lowest


@inlined
def _sum_field(values: Floats, counts: Integers, i: int, field: int, sums: Words) -> int:
    """Put the power sums of values of one field, from index i on, into `sums`.

    Return the index of the first value of another field.
    """
    found = NO_SUMS
    while i < values.size and field_of(values[i]) == field:
        mantissa, _ = decompose(values[i])
        found = add_powers(found, np.uint64(abs(mantissa)), np.uint64(counts[i]))
        i += 1
    place = 0
    for k in range(POWERS):
        for word in range(k + 2):
            sums[k, word] = found[place]
            place += 1
    return i
