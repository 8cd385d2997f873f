"""The median absolute deviation: exact, and found by ranks alone, wherever the values are."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.numeric.exact import UNIT
from pipeline.statistics import deviation as ranks_looked_at
from pipeline.statistics.deviation import NO_VALUE, deviation
from pipeline.statistics.multiset import Multiset
from tests.strategies import COLUMNS


def by_sorting(values):
    """Return the median of the distances from the median, as a fraction."""

    def median(ordered):
        return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2

    middle = median(sorted(map(Fraction, values)))
    return median(sorted(abs(Fraction(value) - middle) for value in values))


def of(values):
    """Return it as `deviation` finds it."""
    ordered = sorted(values)
    middle = ordered[(len(values) - 1) // 2], ordered[len(values) // 2]
    multiset = Multiset.of(np.array(values, float))
    numerator, denominator = deviation(multiset.select, len(values), middle)
    return Fraction(numerator, denominator << UNIT)


@pytest.mark.parametrize("probes", [1, 2, 3, 1000])
@settings(max_examples=150)
@given(COLUMNS.filter(len))
def test_ranks_find_what_sorting_the_distances_finds(probes, values):
    """However many ranks are looked at together."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranks_looked_at, "_PROBES", probes)
        assert of(values) == by_sorting(values)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=12))
def test_ties_are_no_trouble(values):
    assert of(values) == by_sorting(values)


def test_without_a_value_there_is_none():
    assert deviation(lambda _: [], 0, (0.0, 0.0)) == NO_VALUE


def test_a_million_values_are_looked_at_four_times():
    """A column that is cut into ranges is asked for few ranks, few times."""
    values, asked = np.sort(np.random.default_rng(1).normal(size=1_000_001)), []

    def select(wanted):
        asked.append(len(wanted))
        return values[np.array(wanted)].tolist()

    deviation(select, values.size, (values[500_000], values[500_000]))
    assert len(asked) <= 4
    assert max(asked) <= 2_000
