"""The distribution of a column: exact, small, and the same whether its values lie in one place."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.statistics.aggregates import Aggregates
from pipeline.statistics.bins import choose, nice, span
from pipeline.statistics.distribution import (
    Below,
    Distribution,
    choose_points,
    curve_ranks,
    merge_below,
    merge_shapes,
    of_multiset,
)
from pipeline.statistics.multiset import Multiset
from pipeline.statistics.profile import Stretch
from pipeline.statistics.shape import Shape, resolved
from tests.laws import state
from tests.strategies import COLUMNS

CUTS = st.lists(st.floats(-1e6, 1e6), max_size=4, unique=True).map(sorted)


def whole(values: list[float]) -> Distribution:
    multiset = Multiset.of(np.array(values, float))
    found = of_multiset(multiset, Aggregates.of(multiset))
    assert found is not None
    return found


@given(COLUMNS.filter(bool), CUTS)
def test_in_ranges_it_is_what_it_is_in_one_place(values, cuts):
    """Shape, order statistics and counts may be found range by range, and merged."""
    multiset = Multiset.of(np.array(values, float))
    ranges = multiset.cut(cuts)
    aggregates = Aggregates.of(multiset)
    shape = merge_shapes([Shape.of(part) for part in ranges])
    ranks = curve_ranks(multiset.size)
    order = dict(zip(ranks, multiset.select(ranks), strict=True))
    points = choose_points(shape, aggregates, order)
    below = merge_below([Below.of(part, points.all) for part in ranges])
    found = Distribution.of(shape, points, below, multiset.size)
    assert state(found) == state(whole(values))


@given(st.lists(st.integers(0, 40), min_size=1, max_size=300))
def test_the_most_frequent_values_come_first(values):
    """Of values equally frequent, the one that appears first, as a Counter has them."""
    expected = Counter(values).most_common(12)
    found = whole([float(value) for value in values]).shape.frequent
    assert found == tuple((count, -values.index(value), value) for value, count in expected)


@given(COLUMNS.filter(bool))
def test_every_value_is_counted_once(values):
    """The bins, and what lies outside of them, hold all values; the curve ends with all."""
    found = whole(values)
    assert found.counts.sum() + sum(found.outside) == len(values)
    assert found.counts.size == found.bins.number <= 5000
    assert found.upto[-1] == len(values)
    assert found.curve[0] == min(values)
    assert found.curve[-1] == max(values)
    for point, upto, below in zip(found.curve, found.upto, found.below, strict=True):
        assert upto == sum(value <= point for value in values)
        assert below == sum(value < point for value in values)


@given(st.lists(st.integers(-300, 4000), min_size=2), st.sampled_from([1, 2, 5, 10, 25, 100]))
def test_no_comb(hundredths, step):
    """Each bin may hold equally many different values, and none lies on an edge."""
    values = [n * step / 100 for n in hundredths]
    found = whole(values)
    resolution = found.shape.resolution
    assert resolution is not None
    assert (found.bins.width / resolution).denominator == 1
    assert not set(found.bins.edges.tolist()) & set(values)


@pytest.mark.parametrize(
    ("value", "decimals"),
    [(0.0, 0), (12.0, 0), (0.1, 1), (-3.25, 2), (1e-9, 9), (1 / 3, 10), (1e300, 10), (5e-324, 10)],
)
def test_decimals(value, decimals):
    """How many decimals a number was written with, up to nine."""
    one = Multiset.of(np.array([value]))
    counts, _ = resolved(one)
    assert counts.index(1) == decimals
    assert Stretch.of(0, one.values).decimals.index(1) == min(decimals, 3)


@pytest.mark.parametrize(
    ("values", "resolution"),
    [
        ([0.2, 0.4, 1.0], Fraction(1, 5)),
        ([10.0, 20.0], Fraction(10)),
        ([0.254, 0.508], Fraction(254, 1000)),
        ([0.1] * 999 + [0.123], Fraction(1, 10)),
        ([1 / 3, 2 / 3], None),
    ],
)
def test_resolution(values, resolution):
    """The step of nearly all values: a few odd ones do not refine it."""
    assert whole(values).shape.resolution == resolution


def test_values_far_away_do_not_squeeze_the_others():
    """A code such as -9999 neither widens the bins nor is lost."""
    values = np.random.default_rng(1).normal(20, 5, 10_000).round(1).tolist()
    alone, beside = whole(values), whole([*values, *[-9999.0] * 100])
    assert beside.bins.width == alone.bins.width
    assert beside.outside == (100, 0)
    assert beside.shape.lowest[0] == (-9999.0, 100)


def test_a_frequent_value_does_not_hide_the_others():
    """Where most of the time it does not rain, the bins show the rain."""
    rain = np.random.default_rng(1).gamma(1, 8, 3_000).round(1).tolist()
    found = whole([0.0] * 7_000 + rain)
    assert found.outside == (0, 0)
    assert found.where.high > 5


@given(st.fractions(min_value="1/1000000", max_value=10**6))
def test_nice_numbers(number):
    """The next of 1, 2, 5, 10 and so on is at most two and a half times as much."""
    assert number <= nice(number) <= Fraction(5, 2) * number


@given(COLUMNS.filter(bool))
def test_edges_rise(values):
    """No bin is without width, however near or large the values are."""
    ends = sorted(values)
    where = span(ends, values[0], Fraction(1, len(values)), ends)
    edges = choose(where, None).edges
    assert all(low <= high for low, high in pairwise(edges.tolist()))


def test_bins_hold_whole_units_where_they_are_many_enough():
    """Of tenths of which some are rounded to whole numbers, half a unit would make a comb."""
    where = span([i / 10 for i in range(411)], 0.0, Fraction(0), [0.0, 41.0])
    assert choose(where, None).width == 1
    assert choose(where, None, in_view=12).width == 5
    assert choose(where, Fraction(1, 2)).width == Fraction(1, 2)
