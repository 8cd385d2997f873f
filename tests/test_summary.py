"""The Summary is a monoid over consecutive rows, and its statistics are those of the oracle."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.statistics.finish import finish
from pipeline.statistics.moments import PowerSums
from pipeline.statistics.moving import Moving
from pipeline.statistics.multiset import Multiset
from pipeline.statistics.result import Source
from pipeline.statistics.summary import Summary, summarise
from tests import laws, oracle
from tests.strategies import COLUMNS, SHORT_COLUMNS, WINDOWS, partitioned

PERCENTILES = (0, 2.5, 10, 25, 50, 75, 90, 99.9, 100)


def monoids(window: int) -> dict[str, laws.Monoid]:
    return {
        "Summary": laws.Monoid(lambda values: summarise(values, window), Summary.merge),
        "Moving": laws.Monoid(lambda values: Moving.of(values, window), Moving.merge),
        "Multiset": laws.Monoid(Multiset.of, lambda left, right: left.merge(right, left.size)),
        "PowerSums": laws.Monoid(power_sums, PowerSums.merge),
    }


def power_sums(values: np.ndarray) -> PowerSums:
    multiset = Multiset.of(values)
    return PowerSums.of(multiset.values, multiset.counts)


each_monoid = pytest.mark.parametrize("name", monoids(1))


@each_monoid
@given(COLUMNS, WINDOWS)
def test_identity(name, values, window):
    """The empty summary is the identity."""
    laws.identity(monoids(window)[name], values)


@each_monoid
@given(partitioned(), WINDOWS)
def test_associativity(name, stretches, window):
    """Merging is associative."""
    laws.associativity(monoids(window)[name], stretches)


@each_monoid
@given(partitioned(), WINDOWS)
def test_split_invariance(name, stretches, window):
    """A summary is that of the rows, however they are cut."""
    laws.split_invariance(monoids(window)[name], stretches)


@each_monoid
@given(SHORT_COLUMNS, SHORT_COLUMNS, WINDOWS)
def test_operands_untouched(name, left, right, window):
    """Merging leaves its operands as they were."""
    laws.operands_untouched(monoids(window)[name], left, right)


@each_monoid
@given(COLUMNS, WINDOWS)
def test_pickle(name, values, window):
    """A summary survives the way between processes."""
    laws.pickle_round_trip(monoids(window)[name], values)


def test_merging_is_not_commutative():
    """Windows cross the seam, so the order of two summaries matters."""
    left, right = (summarise(np.array(values), 2) for values in ([1.0, 2.0], [4.0, 8.0]))
    assert laws.state(left.merge(right).moving) != laws.state(right.merge(left).moving)


def test_different_windows_are_refused():
    """Two summaries with different windows have no common meaning."""
    with pytest.raises(ValueError, match="cannot be merged"):
        summarise(np.ones(9), 3).merge(summarise(np.ones(9), 4))


@given(
    st.lists(st.tuples(SHORT_COLUMNS, st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=5)
)
def test_missing_and_invalid_add_up(parts):
    """Missing and invalid cells are counted over all partitions, also of those without a value."""
    summaries = [
        replace(summarise(np.array(values, float), 3), missing=missing, invalid=invalid)
        for values, missing, invalid in parts
    ]
    whole = reduce(Summary.merge, summaries, Summary.empty(3))
    assert whole.count == sum(len(values) for values, _, _ in parts)
    assert whole.missing == sum(missing for _, missing, _ in parts)
    assert whole.invalid == sum(invalid for _, _, invalid in parts)


def statistics(summary: Summary) -> dict[str, object]:
    """Return what `finish` makes of a summary, but for what the oracle does not know."""
    result = finish(summary, PERCENTILES, Source("test.csv", 0, "x", summary.moving.window))
    return {
        name: value
        for name, value in result.statistics().items()
        if name not in ("missing", "invalid", "filtered", "out_of_range")
    }


def in_text(statistics: dict[str, object]) -> dict[str, str]:
    """Tell 0.0 from -0.0 and an int from a float, which ``==`` does not."""
    return {name: repr(value) for name, value in statistics.items()}


@settings(max_examples=400)
@given(partitioned(), WINDOWS)
@example([[0.1] * 700], 500)
@example([[0.0, -0.0, -0.0]], 2)
@example([[-0.0, 0.0]], 1)
@example([[1.0, 2.0, 2.0, 1.0]], 3)
@example([[5e-324, 0.0], [], [5e-324]], 1)
@example([[1e300, 1e-300, -1e300]], 1)
@example([[1.7e308, -1.7e308, 1.7e308]], 2)
@example([[x + 1e15 for x in (0.125, 0.25, 0.375, 7.5)]], 2)
def test_every_statistic_is_the_exact_one_rounded_once(stretches, window):
    """All statistics equal the oracle's to the last bit, for any column cut anywhere."""
    values = [value for stretch in stretches for value in stretch]
    leaves = [summarise(np.array(stretch, float), window) for stretch in stretches]
    assert in_text(statistics(reduce(Summary.merge, leaves))) == in_text(
        oracle.expected(values, window=window, percentiles=PERCENTILES)
    )


@pytest.mark.parametrize("n", [0, 1, 2, 499, 500, 501, 502, 1001])
@pytest.mark.parametrize("decimals", [0, 1, 5, 17])
def test_lengths_around_the_window(n, decimals):
    """Below, at and above the window's length, with few and with only distinct values."""
    values = np.random.default_rng(n).gamma(2.0, 7.0, n).round(decimals)
    assert in_text(statistics(summarise(values, 500))) == in_text(
        oracle.expected(values.tolist(), percentiles=PERCENTILES)
    )


@given(partitioned(SHORT_COLUMNS), st.sampled_from([1, 2, 3, 7]))
@example([[1.0] * 9 + [1e16] + [1.0] * 9], 3)
@example([[0.1] * 4 + [1e300] + [0.1] * 9, [0.1, 0.2, 0.3] * 3], 3)
def test_every_single_window_is_exact(stretches, window):
    """One more value adds exactly the square of one more window's sum.

    So no window is poisoned by a huge value that left it, which the sum of all windows would hide.
    """
    values = [value for stretch in stretches for value in stretch]
    state = summarise(np.empty(0), window).moving
    sums = [0]
    for stretch in stretches:
        for value in stretch:
            state = state.merge(Moving.of(np.array([value]), window))
            sums.append(Moving.of(np.array(values[: len(sums)]), window).squares)
    assert state.squares == sums[-1]
    exact = [int(oracle.Fraction(value) * 2**1074) for value in values]
    for end, (before, after) in enumerate(pairwise(sums), start=1):
        inside = sum(exact[end - window : end]) if end >= window else 0
        assert after - before == inside**2


@given(SHORT_COLUMNS.filter(lambda values: len(values) > 1))
def test_one_window_alone_has_its_variance(values):
    """With one value more than the window holds, the sum is that one window's variance."""
    window = len(values) - 1
    variance = oracle.window_variances(values, window)[0]
    found = statistics(summarise(np.array(values), window))["moving_variance_sum"]
    assert repr(found) == repr(oracle.nearest(variance))


def test_a_constant_has_no_variance():
    """A column of 0.1 has variance exactly 0, and no skewness or kurtosis."""
    found = statistics(summarise(np.full(1_000, 0.1), 500))
    assert (found["mean"], found["variance"], found["std"]) == (0.1, 0.0, 0.0)
    assert found["moving_variance_sum"] == 0.0
    assert found["skewness"] is None
    assert found["kurtosis"] is None


def test_of_several_modes_the_first_in_the_file_wins():
    """Ties of the mode are decided by first appearance, wherever the column is cut."""
    values = [3.0, 1.0, 2.0, 1.0, 3.0, 2.0]
    for cut in range(len(values) + 1):
        left, right = (summarise(np.array(part), 2) for part in (values[:cut], values[cut:]))
        assert statistics(left.merge(right))["mode"] == 3.0
