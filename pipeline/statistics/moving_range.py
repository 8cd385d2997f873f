"""The least and the greatest moving variance: of the windows inside consecutive values, exact.

The population variance of a window of w values is (w * sum(x**2) - sum(x)**2) / w**2: numerators
are compared as integers, and only the two that are left are rounded. Which windows come into
question is found in float64 first, with a bound of its errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np

from pipeline.numeric.arrays import Floats, Integers
from pipeline.numeric.exact import UNIT, integer, ratio, to_fixed_point
from pipeline.numeric.intrinsics import (
    add_pair,
    add_square,
    is_less,
    subtract_pair,
    subtract_quads,
    variance_numerator,
)
from pipeline.numeric.jit import inlined, kernel
from pipeline.statistics.moving import CHUNK, common_shift, from_words

_EPSILON = 2.0**-53
_SAFETY = 32.0
_TINY, _HUGE = 1e-250, 1e250
"""Sums of squares for which neither a square nor a numerator leaves the normal float64."""

_FEW = 64
"""Windows that are looked at one by one; when more are in question, all are."""

_BLOCK = 1 << 10
"""Windows of which the least and the greatest numerator are kept."""

_Quad = tuple[int, int, int, int]


@dataclass(frozen=True)
class MovingRange:
    """The least and the greatest variance of some windows.

    Attributes:
        least: The least; infinity where there is no window.
        greatest: The greatest; minus infinity where there is no window.

    """

    least: float = inf
    greatest: float = -inf

    @classmethod
    def of(cls, values: Floats, window: int) -> MovingRange:
        """Return that of all windows of `window` values inside float64 `values`, shape (n,)."""
        found = cls()
        for start in range(0, values.size - window + 1, CHUNK):
            found = found.merge(_of_chunk(values[start : start + CHUNK + window - 1], window))
        return found

    def merge(self, other: MovingRange) -> MovingRange:
        """Return that of these windows and those of `other`."""
        return MovingRange(min(self.least, other.least), max(self.greatest, other.greatest))


NO_WINDOWS = MovingRange()
"""That of no window at all."""


def _of_chunk(values: Floats, window: int) -> MovingRange:
    starts, few, constant = _in_question(values, window)
    pieces = [values[start : start + window] for start in starts.tolist()] if few else [values]
    joined = np.concatenate(pieces)
    lowest = common_shift(joined, window)
    if lowest is None:
        ends = [_any_scale(piece, window) for piece in pieces]
        least, greatest, lowest = min(low for low, _ in ends), max(high for _, high in ends), 0
    else:
        least, greatest = map(from_words, _numerators(joined, pieces[0].size, window, lowest))
    scale, below = 2 * lowest, window**2 << (2 * UNIT)
    least = 0 if constant else least
    return MovingRange(ratio(least << scale, below), ratio(greatest << scale, below))


def _any_scale(values: Floats, window: int) -> tuple[int, int]:
    """Slide over values too far apart for one fixed-point scale, in integers of any length."""
    terms = [integer(value) for value in values.tolist()]
    first, second = sum(terms[:window]), sum(term**2 for term in terms[:window])
    least = greatest = window * second - first**2
    for old, new in zip(terms, terms[window:], strict=False):
        first += new - old
        second += new**2 - old**2
        numerator = window * second - first**2
        least, greatest = min(least, numerator), max(greatest, numerator)
    return least, greatest


@kernel
def _in_question(values: Floats, window: int) -> tuple[Integers, bool, bool]:
    """Return where windows begin whose variance may be the least or the greatest.

    And whether these are few, for otherwise not all are there; and whether some window holds equal
    values only, so that the least variance is 0 and of the least ones none is there.

    With values less a centre, sums of n steps are off by at most 4 n eps of the greatest sum of
    squares that they reach, since sum(x)**2 <= w * sum(x**2). Beyond float64 nothing is few.

    Windows are looked at again in those blocks only that may hold one in question.
    """
    blocks = -(-values.size // _BLOCK)
    states = np.empty((blocks, 4), np.float64)
    centre, first, second, largest = values[values.size // 2], 0.0, 0.0, 0.0
    least, greatest = np.inf, -np.inf
    for block in range(blocks):
        states[block, 0], states[block, 1] = first, second
        low, high = np.inf, -np.inf
        for i in range(block * _BLOCK, min(values.size, (block + 1) * _BLOCK)):
            first, second = _slide(values, window, i, centre, first, second)
            largest = max(largest, second)
            if i >= window - 1:
                numerator = window * second - first * first
                low, high = min(low, numerator), max(high, numerator)
        states[block, 2], states[block, 3] = low, high
        least, greatest = min(least, low), max(greatest, high)
    starts, found = np.empty(_FEW, np.int64), 0
    if not _TINY < largest < _HUGE:
        return starts[:0], False, _has_equal(values, window)
    bound = _SAFETY * values.size * _EPSILON * window * largest
    constant = least <= bound and _has_equal(values, window)
    bottom, top = -np.inf if constant else least + bound, greatest - bound
    for block in range(blocks):
        first, second, low, high = states[block]
        if bottom < low and high < top:
            continue
        for i in range(block * _BLOCK, min(values.size, (block + 1) * _BLOCK)):
            first, second = _slide(values, window, i, centre, first, second)
            numerator = window * second - first * first
            if i >= window - 1 and (numerator <= bottom or numerator >= top):
                if found == _FEW:
                    return starts[:0], False, constant
                starts[found] = i - window + 1
                found += 1
    return starts[:found], True, constant


@inlined
def _slide(
    values: Floats, window: int, i: int, centre: float, first: float, second: float
) -> tuple[float, float]:
    """Return the sums of a window, and of its squares, that ends at `i`, from those before it."""
    value = values[i] - centre
    old = values[i - window] - centre if i >= window else 0.0
    return first + (value - old), second + (value * value - old * old)


@inlined
def _has_equal(values: Floats, window: int) -> bool:
    """Whether a window holds equal values only."""
    run = 0
    for i in range(values.size):
        run = run + 1 if i and values[i] == values[i - 1] else 1
        if run == window:
            return True
    return False


@kernel
def _numerators(values: Floats, size: int, window: int, lowest: int) -> tuple[_Quad, _Quad]:
    """Return the least and the greatest numerator, in units of 2**(2 * lowest - 2148).

    That is of the windows inside the first `size` values, inside the next `size`, and so on.
    """
    nothing = np.uint64(0)
    first = (nothing, nothing)
    second = none = (nothing, nothing, nothing, nothing)
    most = np.uint64(0xFFFFFFFFFFFFFFFF)
    least, greatest = (most, most, most, most), none
    for i in range(values.size):
        place = i % size
        if place == 0:
            first, second = (nothing, nothing), none
        term = to_fixed_point(values[i], lowest)
        first = add_pair(first, term)
        second = add_square(second, term)
        if place >= window:
            old = to_fixed_point(values[i - window], lowest)
            first = subtract_pair(first, old)
            second = subtract_quads(second, add_square(none, old))
        if place >= window - 1:
            numerator = variance_numerator(first, second, np.uint64(window))
            if is_less(numerator, least):
                least = numerator
            if is_less(greatest, numerator):
                greatest = numerator
    return least, greatest
