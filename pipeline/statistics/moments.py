"""Power sums and central moments as exact integers.

With P_k the sum of the k-th powers of n values, n**k times the k-th central moment is a polynomial
in n and P_1 ... P_k with integer coefficients. So the textbook formulas lose nothing here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.numeric.exact import UNIT
from pipeline.numeric.power_sums import power_sums

if TYPE_CHECKING:
    from pipeline.numeric.arrays import Floats, Integers


@dataclass(frozen=True)
class PowerSums:
    """The sums of the first four powers of some values, exact; a commutative monoid.

    Attributes:
        first: The sum of the values, in units of 2**-1074.
        second: The sum of their squares, in units of 2**-2148.
        third: The sum of their third powers, in units of 2**-3222.
        fourth: The sum of their fourth powers, in units of 2**-4296.

    """

    first: int
    second: int
    third: int
    fourth: int

    @classmethod
    def of(cls, values: Floats, counts: Integers) -> PowerSums:
        """Return the power sums of finite `values`, each repeated as often as `counts` says.

        Both have the same shape, (n,), and `values` are sorted.
        """
        return cls(*power_sums(values, counts))

    def merge(self, other: PowerSums) -> PowerSums:
        """Return the power sums of these values and those of `other`."""
        return PowerSums(
            self.first + other.first,
            self.second + other.second,
            self.third + other.third,
            self.fourth + other.fourth,
        )


@dataclass(frozen=True)
class CentralMoments:
    """The central moments of n values, times powers of n, exact. All are 0 where there is no value.

    Attributes:
        second: n**2 times the population variance, in units of 2**(2 * unit).
        third: n**3 times the third central moment, in units of 2**(3 * unit).
        fourth: n**4 times the fourth central moment, in units of 2**(4 * unit).
        unit: A binary exponent: all values are multiples of 2**unit.

    """

    second: int
    third: int
    fourth: int
    unit: int

    @classmethod
    def of(cls, n: int, sums: PowerSums) -> CentralMoments:
        """Return the central moments of `n` values with these power `sums`."""
        powers = sums.first, sums.second, sums.third, sums.fourth
        # Without the zeros at their ends the integers have a tenth of the digits.
        shift = min((_zeros(p) // k for k, p in enumerate(powers, 1) if p), default=0)
        p1, p2, p3, p4 = (p >> (k * shift) for k, p in enumerate(powers, 1))
        return cls(
            n * p2 - p1**2,
            n**2 * p3 - 3 * n * p1 * p2 + 2 * p1**3,
            n**3 * p4 - 4 * n**2 * p1 * p3 + 6 * n * p1**2 * p2 - 3 * p1**4,
            shift - UNIT,
        )


def _zeros(number: int) -> int:
    """Return how many zeros are at the end of an integer's binary digits."""
    return (number & -number).bit_length() - 1
