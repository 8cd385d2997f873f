"""NIST's nine univariate reference data sets: mean and standard deviation as certified.

The certified standard deviation divides by n - 1. How many digits a program can get right is
bounded by its input: 10000000.1 is not a float64, so of NumAcc4 at most 8.3 digits are to be had.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import log10
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import pipeline
from tests import oracle

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = Path(__file__).parent / "data" / "nist"


def pi_digits(count: int) -> list[str]:
    """Return the first decimal digits of pi by Machin's formula, 4 (4 acot 5 - acot 239)."""
    unit = 10 ** (count + 10)

    def acot(x: int) -> int:
        total, power, k = 0, unit // x, 1
        while power:
            total += power // k if k % 4 == 1 else -(power // k)
            power //= x * x
            k += 2
        return total

    # Through Decimal, because Python refuses to print integers of more than 4,300 digits.
    return list(str(Decimal(4 * (4 * acot(5) - acot(239))))[:count])


def pi_digits_of_nist() -> list[str]:
    """Return the data set PiDigits: 5,000 digits of pi, one of which NIST's file has as a 3.

    The certified values are those of the file, not of pi.
    """
    digits = pi_digits(5_000)
    assert digits[956] == "8"
    digits[956] = "3"
    return digits


def alternating(first: str, low: str, high: str) -> list[str]:
    return [first, *[low, high] * 500]


def observed(name: str) -> Callable[[], list[str]]:
    return lambda: (DATA / f"{name}.csv").read_text("ascii").split()[1:]


@dataclass(frozen=True)
class Certified:
    """A data set's certified mean and standard deviation, and the digits float64 leaves of them."""

    cells: Callable[[], list[str]]
    mean: str
    deviation: str
    digits: float


SETS = {
    "PiDigits": Certified(pi_digits_of_nist, "4.53480000000000", "2.86733906028871", 14.9),
    "Lottery": Certified(observed("Lottery"), "518.958715596330", "291.699727470969", 15),
    "Lew": Certified(observed("Lew"), "-177.435000000000", "277.332168044316", 15),
    "Mavro": Certified(observed("Mavro"), "2.00185600000000", "0.000429123454003053", 13.1),
    "Michelso": Certified(observed("Michelso"), "299.852400000000", "0.0790105478190518", 13.8),
    "NumAcc1": Certified(lambda: ["10000001", "10000003", "10000002"], "10000002", "1", 15),
    "NumAcc2": Certified(lambda: alternating("1.2", "1.1", "1.3"), "1.2", "0.1", 15),
    "NumAcc3": Certified(
        lambda: alternating("1000000.2", "1000000.1", "1000000.3"), "1000000.2", "0.1", 9.4
    ),
    "NumAcc4": Certified(
        lambda: alternating("10000000.2", "10000000.1", "10000000.3"), "10000000.2", "0.1", 8.2
    ),
}


def right_digits(found: Fraction, certified: str) -> float:
    """NIST's measure: the negative decimal logarithm of the relative error, at most 15."""
    error = abs(found - Fraction(certified)) / abs(Fraction(certified))
    return min(15.0, -log10(error)) if error else 15.0


@pytest.mark.parametrize("name", SETS)
def test_mean_and_deviation_have_the_certified_digits(name, tmp_path):
    """Both are right to the last digit that the float64 input allows, in one partition or seven."""
    cells, certified = SETS[name].cells(), SETS[name]
    path = tmp_path / f"{name}.csv"
    path.write_text("y\n" + "\n".join(cells) + "\n")
    for partitions in (1, 7):
        found = pipeline.describe(path, column="y", partitions=partitions)
        exact = oracle.expected([float(cell) for cell in cells])
        assert (found.mean, found.std) == (exact["mean"], exact["std"])
        n = len(cells)
        sample_variance = Fraction(found.variance) * n / (n - 1)
        deviation = Fraction(oracle.nearest_root(sample_variance))
        assert right_digits(Fraction(found.mean), certified.mean) >= 14.9
        assert right_digits(deviation, certified.deviation) >= certified.digits
