"""The profile of a column along its table: what each of up to five hundred stretches of it holds.

Where stretches begin depends on the table alone and not on how it is read. So a profile is a monoid
over consecutive rows like all else, and a stretch that was read in two parts is put together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from pipeline.numeric.exact import UNIT, ratio, root
from pipeline.numeric.jit import kernel
from pipeline.numeric.unsorted_sums import (
    MAX_ADDENDS,
    add_to_field,
    no_field_sums,
    two_power_sums,
    used_fields,
)
from pipeline.statistics.moving_range import NO_WINDOWS, MovingRange
from pipeline.statistics.shape import count_decimals

if TYPE_CHECKING:
    from pipeline.numeric.arrays import Floats, Integers, Words

MOST_STRETCHES = 500
"""Stretches of a table at most."""

DECIMALS = 4
"""Values with 0, 1, 2, and with 3 or more decimals are told apart."""

_BLOCK = 1 << 11
"""Values that are looked at in several ways while they are in a cache."""

_BYTES = 400
"""The memory of a stretch, about: mostly of integers without a fixed length."""


@dataclass(frozen=True)
class Stretch:
    """What is known of the rows of one stretch.

    Attributes:
        number: The number of the stretch in the table, from 0.
        count: How many valid values it has.
        missing: How many cells are missing.
        others: How many cells are invalid or out of range.
        least: The least value; infinity where there is none.
        greatest: The greatest value; minus infinity where there is none.
        first: The exact sum of the values, in units of 2**-1074.
        second: The exact sum of their squares, in units of 2**-2148.
        decimals: How many values have 0, 1, 2, and 3 or more decimals.
        windows: The least and the greatest moving variance of the windows that end in it.

    """

    number: int
    count: int = 0
    missing: int = 0
    others: int = 0
    least: float = inf
    greatest: float = -inf
    first: int = 0
    second: int = 0
    decimals: tuple[int, ...] = (0,) * DECIMALS
    windows: MovingRange = NO_WINDOWS

    @classmethod
    def of(cls, number: int, values: Floats, windows: MovingRange = NO_WINDOWS) -> Stretch:
        """Return what is known of the values of a stretch, or of a part of it.

        Args:
            number: Its number in the table.
            values: Its valid values, float64 of shape (n,), in any order.
            windows: The moving variance of the windows inside it.

        """
        found = cls(number, windows=windows)
        for start in range(0, values.size, MAX_ADDENDS):
            found = found.merge(_described(number, values[start : start + MAX_ADDENDS]))
        return found

    def merge(self, other: Stretch) -> Stretch:
        """Return the stretch of these rows and those of `other`, which has the same number."""
        return Stretch(
            self.number,
            self.count + other.count,
            self.missing + other.missing,
            self.others + other.others,
            min(self.least, other.least),
            max(self.greatest, other.greatest),
            self.first + other.first,
            self.second + other.second,
            tuple(a + b for a, b in zip(self.decimals, other.decimals, strict=True)),
            self.windows.merge(other.windows),
        )

    @property
    def rows(self) -> int:
        """How many rows it has that count."""
        return self.count + self.missing + self.others

    @cached_property
    def mean(self) -> float | None:
        """The mean of its values; None without a value."""
        return ratio(self.first, self.count << UNIT) if self.count else None

    @cached_property
    def std(self) -> float | None:
        """The population standard deviation of its values; None without a value."""
        if not self.count:
            return None
        return root(self.count * self.second - self.first**2, self.count**2 << (2 * UNIT))


@dataclass(frozen=True)
class Profile:
    """The stretches of consecutive rows, by their numbers, rising; those without rows are left out.

    Attributes:
        stretches: The stretches.

    """

    stretches: tuple[Stretch, ...] = ()

    @property
    def nbytes(self) -> int:
        """The memory that it takes, in bytes, about."""
        return _BYTES * len(self.stretches)

    def merge(self, other: Profile) -> Profile:
        """Return the profile of these rows followed by those of `other`."""
        ours, theirs = self.stretches, other.stretches
        if ours and theirs and ours[-1].number == theirs[0].number:
            return Profile((*ours[:-1], ours[-1].merge(theirs[0]), *theirs[1:]))
        return Profile(ours + theirs)

    def crossed(self, across: Floats, before: int, window: int) -> Profile:
        """Return the profile with the windows that begin before its first value.

        Args:
            across: All values of these windows, float64 of shape (n,).
            before: How many of them are before the first value of the profile.
            window: How many values a window holds.

        """
        found, start = list(self.stretches), before
        for i, stretch in enumerate(self.stretches):
            stop = start + stretch.count
            if start >= across.size:
                break
            inside = across[max(0, start - window + 1) : stop]
            windows = stretch.windows.merge(MovingRange.of(inside, window))
            found[i], start = replace(stretch, windows=windows), stop
        return Profile(tuple(found))


def merged(left: Profile | None, right: Profile | None) -> Profile | None:
    """Return the profile of two, `left` and `right`, either of which may not be there."""
    if left is None or right is None:
        return left or right
    return left.merge(right)


def _described(number: int, values: Floats) -> Stretch:
    """Return what is known of up to MAX_ADDENDS values, but for their windows."""
    least, greatest, fields, sums, at_most = _describe(values)
    first, second = two_power_sums(fields, sums)
    some = [0, *at_most.tolist(), values.size]
    decimals = tuple(more - fewer for fewer, more in pairwise(some))
    # Neither is -0.0.
    least, greatest = least + 0.0, greatest + 0.0
    return Stretch(number, values.size, 0, 0, least, greatest, first, second, decimals)


@kernel
def _describe(values: Floats) -> tuple[float, float, Integers, Words, Integers]:
    """Return the least and the greatest value, the sums by field, and the counts of decimals.

    Blocks of values stay in a core's first cache.
    """
    least, greatest = np.inf, -np.inf
    sums, counts = no_field_sums(), np.zeros(DECIMALS - 1, np.int64)
    fits = np.empty(_BLOCK, np.bool_)
    for start in range(0, values.size, _BLOCK):
        block = values[start : start + _BLOCK]
        for value in block:
            add_to_field(value, sums)
            least, greatest = min(least, value), max(greatest, value)
        count_decimals(block, fits[: block.size], counts)
    fields, used = used_fields(sums)
    return least, greatest, fields, used, counts
