"""The float64 nearest to a decimal number of many digits."""

from __future__ import annotations

from math import ldexp

import numpy as np
from numba import njit

from pipeline.exact import UNIT
from pipeline.words import decompose, product, shifted, subtract_pair

MOST = 18
"""Digits up to which `nearest` is exact."""

_TENS = 10 ** np.arange(MOST + 1)
_GUARD = 2


@njit(cache=True, nogil=True)
def nearest(mantissa: int, places: int) -> float:
    """Return the float64 nearest to mantissa / 10**places, for 0 < mantissa < 10**18, places <= 18.

    A quotient of float64 is off by two units in its last place at most. With two more bits, the
    rest that it leaves is below 2**63, and corrects it to the exact quotient, rounded down; one bit
    more tells whether anything follows, and the conversion to float64 rounds once.
    """
    ten = _TENS[places]
    root, shift = decompose(mantissa / np.float64(ten))
    exponent = shift - UNIT
    lift = max(0, _GUARD - exponent)
    quotient = root << (exponent + lift)
    rest = np.int64(
        subtract_pair(
            shifted(mantissa, np.uint64(lift)), product(np.uint64(quotient), np.uint64(ten))
        )[0]
    )
    quotient += rest // ten
    return ldexp(np.float64(2 * quotient + (rest % ten != 0)), -lift - 1)
