"""Exact integers become the nearest float64 with one rounding."""

from __future__ import annotations

from fractions import Fraction
from math import inf

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.numeric.exact import UNIT, integer, ratio, root
from pipeline.numeric.mantissas import POWERS, SUM_WORDS, TOTAL_WORDS
from pipeline.numeric.power_sums import power_sums, sum_into
from tests.strategies import SHORT_COLUMNS

TIE = 2**53 + 1
"""Half of it lies in the middle between two neighbouring float64."""


@pytest.mark.parametrize(
    ("numerator", "nearest"), [(TIE**2 - 1, 2.0**52), (TIE**2, 2.0**52), (TIE**2 + 1, 2.0**52 + 1)]
)
def test_a_root_beside_a_tie_is_rounded_the_right_way(numerator, nearest):
    """What lies below the last bit that is kept decides on which side of a tie a root falls."""
    assert root(numerator, 4) == nearest


@given(st.integers(0, 2**2000), st.integers(1, 2**4000))
@example(1, 2**4000)
def test_a_root_lies_between_the_middles_to_its_neighbours(numerator, denominator):
    """No other float64 is nearer to the exact root than the one returned."""
    found = root(numerator, denominator)
    exact = Fraction(numerator, denominator)
    below, above = np.nextafter(found, 0.0), np.nextafter(found, inf)
    assert ((Fraction(float(below)) + Fraction(found)) / 2) ** 2 <= exact
    assert exact <= ((Fraction(found) + Fraction(float(above))) / 2) ** 2


def test_beyond_the_range_of_float64_is_infinite():
    """A quotient too large for a float64 is infinite, with its sign."""
    assert (ratio(2**2000, 1), ratio(-(2**2000), 1)) == (inf, -inf)


def test_zero_has_no_sign():
    """Nothing rounds to -0.0, not even a negative quotient too small for a float64."""
    assert repr(ratio(-1, 2**2000)) == "0.0"


@given(SHORT_COLUMNS, st.integers(1, 2**40))
def test_power_sums_are_exact(values, count):
    """The sums of the first four powers, weighted by counts, are exact for any exponents."""
    counts = np.full(len(values), count)
    sums = power_sums(np.array(values, dtype=np.float64), counts)
    for k, found in enumerate(sums, start=1):
        assert found == sum(count * integer(value) ** k for value in values)
    assert [Fraction(integer(value), 1 << UNIT) for value in values] == list(map(Fraction, values))


@given(SHORT_COLUMNS, st.integers(1, 2**40))
def test_totals_are_the_same_sums(values, count):
    """In one fixed-point scale, or none where no scale holds them all."""
    column, counts = np.array(sorted(values), dtype=np.float64), np.full(len(values), count)
    totals = np.zeros((2, POWERS, TOTAL_WORDS), np.uint64)
    shift = sum_into(column, counts, totals, 1, np.zeros((POWERS, SUM_WORDS), np.uint64))
    assert not totals[0].any()
    if shift < 0:
        assert not totals.any()
        return
    found = [int.from_bytes(total.tobytes(), "little", signed=True) for total in totals[1]]
    assert [one << (k * shift) for k, one in enumerate(found, 1)] == power_sums(column, counts)


@pytest.mark.parametrize("values", [[0.0, 1.5, -2.25], [5e-324, 1e-310], [-1e300, 1e300], [0.0]])
def test_values_near_each_other_have_totals(values):
    """Zeros and the smallest values among them."""
    totals = np.zeros((1, POWERS, TOTAL_WORDS), np.uint64)
    sums = np.zeros((POWERS, SUM_WORDS), np.uint64)
    assert sum_into(np.array(values), np.ones(len(values), np.int64), totals, 0, sums) >= 0


def test_sums_of_very_many_values_are_taken_in_parts(monkeypatch):
    """A total has room for so many values only."""
    values = np.arange(10.0)
    counts = np.full(10, 3)
    whole = power_sums(values, counts)
    monkeypatch.setattr("pipeline.numeric.power_sums.MAX_ADDENDS", 4)
    assert power_sums(values, counts) == whole


def test_sums_of_numbers_with_exponents_far_apart_are_exact():
    """So many of them that they are taken in parts."""
    values = np.array([2.0**k for k in range(-500, 500)])
    counts = np.full(values.size, 7)
    for k, found in enumerate(power_sums(values, counts), start=1):
        assert found == sum(7 * integer(value) ** k for value in values.tolist())
