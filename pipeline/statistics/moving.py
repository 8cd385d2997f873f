"""The moving variance, mergeable: the ends of consecutive values, and their windows' exact sums.

The population variance of a window of w values is (w * sum(x**2) - sum(x)**2) / w**2. Summed over
the windows of a column, the first term follows from the column's second power sum and the values
at its two ends; so a `Moving` carries the ends, and the exact sum of sum(x)**2 over its windows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.numeric.arrays import Floats, Integers, Words
from pipeline.numeric.exact import (
    MANTISSA_BITS,
    UNIT,
    integer,
    ratio,
    shift_range,
    to_fixed_point,
)
from pipeline.numeric.intrinsics import add_pair, add_square, subtract_pair
from pipeline.numeric.jit import kernel
from pipeline.numeric.power_sums import power_sums

if TYPE_CHECKING:
    from collections.abc import Sequence

CHUNK = 1 << 16
"""Windows that are looked at at once."""

_SUM_BITS = 119
"""Window sums up to 2**119 units: 2**16 squares of them add up in 256 bits."""


@dataclass(frozen=True, eq=False)
class Moving:
    """The windows inside consecutive values, and what the windows across their ends need.

    Its size is at most 2 * `window` values.

    Attributes:
        window: How many values a window holds.
        head: The first `window` values; all of them, if there are fewer.
        tail: The last `window` values; all of them, if there are fewer.
        squares: The exact sum, over the windows inside, of the square of a window's sum, in units
            of 2**-2148.

    """

    window: int
    head: Floats
    tail: Floats
    squares: int

    @classmethod
    def of(cls, values: Floats, window: int) -> Moving:
        """Return the state of float64 `values`, shape (n,), for windows of `window` values."""
        head = values[:window].copy()
        tail = values[max(0, values.size - window) :].copy()
        return cls(window, head, tail, squared_sums(values, window))

    @property
    def nbytes(self) -> int:
        """The memory of the arrays, in bytes."""
        return self.head.nbytes + self.tail.nbytes

    def merge(self, other: Moving) -> Moving:
        """Return the state of these values followed by those of `other`; order matters.

        Raises ValueError if their windows differ in length.
        """
        if self.window != other.window:
            raise ValueError(f"windows of {self.window} and {other.window} values cannot be merged")
        across, _ = self.across(other)
        tail = np.concatenate((self.tail, other.tail))
        return Moving(
            self.window,
            np.concatenate((self.head, other.head))[: self.window],
            tail[max(0, tail.size - self.window) :],
            self.squares + squared_sums(across, self.window) + other.squares,
        )

    def across(self, other: Moving) -> tuple[Floats, int]:
        """Return the values of the windows that lie on both sides, and how many are these values.

        They are float64, of shape (n,), the last of these values before the first of `other`'s.
        """
        reach = self.window - 1
        before = min(reach, self.tail.size)
        return np.concatenate((self.tail[self.tail.size - before :], other.head[:reach])), before

    def variance_sum(self, count: int, second_power: int) -> float:
        """Return the sum of the variances of all windows but the one that ends at the last value.

        `count` is the number of values and `second_power` their exact second power sum, in units
        of 2**-2148. 0.0 when there are no more values than one window holds.
        """
        width = self.window
        if count <= width:
            return 0.0
        rising = np.arange(1, width + 1)
        missed = power_sums(self.head[:-1], rising[-2::-1])[1] if width > 1 else 0
        missed += power_sums(self.tail, rising)[1]
        last = power_sums(self.tail, np.ones_like(rising))[0]
        sums = self.squares - last**2
        return ratio(width * (width * second_power - missed) - sums, width**2 << (2 * UNIT))


def squared_sums(values: Floats, window: int) -> int:
    """Return the exact sum of sum(x)**2 over all windows in `values`, in units of 2**-2148.

    A window holds `window` consecutive values.
    """
    total = 0
    for start in range(0, values.size - window + 1, CHUNK):
        total += _chunk(values[start : start + CHUNK + window - 1], window)
    return total


def squared_sums_of_all(
    values: Floats, starts: Integers, stops: Integers, window: int
) -> list[int]:
    """Return `squared_sums` of each of `values[starts[i]:stops[i]]`, for the same `window`."""
    shifts = np.empty(starts.size, np.int64)
    totals = np.zeros((starts.size, 4), np.uint64)
    _fixed_points(values, starts, stops, window, shifts, totals)
    return [
        int.from_bytes(total.tobytes(), "little") << (2 * shift)
        if shift >= 0
        else squared_sums(values[start:stop], window)
        for start, stop, shift, total in zip(
            starts.tolist(), stops.tolist(), shifts.tolist(), totals, strict=True
        )
    ]


def _chunk(values: Floats, window: int) -> int:
    lowest = common_shift(values, window)
    if lowest is None:
        return _any_scale(values, window)
    terms = np.empty((values.size, 2), np.uint64)
    return from_words(fixed_point(values, window, lowest, terms)) << (2 * lowest)


def common_shift(values: Floats, window: int) -> int | None:
    """Return the shift of one fixed-point scale for windows of `values`; None where none holds all.

    Sums of `window` of them then fit into 128 bits with their sign, and their squares into 256.
    """
    lowest, highest = shift_range(values)
    fits = highest - lowest + MANTISSA_BITS + window.bit_length() <= _SUM_BITS
    return int(lowest) if fits else None


def from_words(words: Sequence[int]) -> int:
    """Return the integer, 0 or more, that consists of uint64 `words`, the lowest first."""
    number = 0
    for word in reversed(words):
        number = number << 64 | int(word)
    return number


def _any_scale(values: Floats, window: int) -> int:
    """Slide over values too far apart for one fixed-point scale, in integers of any length."""
    terms = [integer(value) for value in values.tolist()]
    running = sum(terms[:window])
    total = running * running
    for old, new in zip(terms, terms[window:], strict=False):
        running += new - old
        total += running * running
    return total


@kernel
def fixed_point(
    values: Floats, window: int, lowest: int, terms: Words
) -> tuple[int, int, int, int]:
    """Slide over the values in 128-bit fixed point, in units of 2**(lowest - 1074).

    Return the 256-bit sum of the squared window sums. `terms` is room to work in, of shape (n, 2)
    at least: each value comes into the sum once and goes once.
    """
    nothing = np.uint64(0)
    running = (nothing, nothing)
    total = (nothing, nothing, nothing, nothing)
    for i in range(values.size):
        terms[i, 0], terms[i, 1] = to_fixed_point(values[i], lowest)
    for i in range(min(window - 1, values.size)):
        running = add_pair(running, (terms[i, 0], terms[i, 1]))
    for i in range(values.size - window + 1):
        last = i + window - 1
        running = add_pair(running, (terms[last, 0], terms[last, 1]))
        total = add_square(total, running)
        running = subtract_pair(running, (terms[i, 0], terms[i, 1]))
    return total


@kernel
def _fixed_points(
    values: Floats,
    starts: Integers,
    stops: Integers,
    window: int,
    shifts: Integers,
    totals: Words,
) -> None:
    """Fill `totals` with each group's `fixed_point`, `shifts` with -1 where that does not fit."""
    width = 0
    while window >> width:
        width += 1
    largest = 0
    for i in range(starts.size):
        largest = max(largest, min(stops[i] - starts[i], CHUNK))
    terms = np.empty((largest, 2), np.uint64)
    for i in range(starts.size):
        group = values[starts[i] : stops[i]]
        lowest, highest = shift_range(group)
        shifts[i] = -1
        if highest - lowest + MANTISSA_BITS + width <= _SUM_BITS and group.size <= CHUNK:
            shifts[i] = lowest
            limbs = fixed_point(group, window, lowest, terms)
            for k in range(4):
                totals[i, k] = limbs[k]
