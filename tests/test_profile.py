"""The profile along the file: the same for any partitioning, and what it says of broken data."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import pairwise
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.connect import borrow
from pipeline.engine.observer import Observer
from pipeline.formats.query import Query
from pipeline.numeric.exact import integer
from pipeline.partitions.column_reading import ProfiledReading
from pipeline.partitions.cutting import Partitioning
from pipeline.report.page.along_the_file import along_the_file
from pipeline.request import Request
from pipeline.run import run
from pipeline.statistics.finish import finish
from pipeline.statistics.moving_range import NO_WINDOWS, MovingRange
from pipeline.statistics.profile import MOST_STRETCHES, Profile, Stretch, merged
from pipeline.statistics.result import Source
from pipeline.statistics.summary import Summary, summarise
from tests import laws, oracle
from tests.files import FILES
from tests.strategies import COLUMNS, SHORT_COLUMNS, partitioned

LARGE = 1e154
"""Beyond it a variance is no float64."""
CHANCE = np.random.default_rng(11)
STEADY = CHANCE.normal(20, 3, 10_000).round(1)
FINE = np.random.default_rng(12).normal(20, 3, 10_000).round(2)


def stretch(values: np.ndarray) -> Stretch:
    return Stretch.of(3, values)


MONOID = laws.Monoid(lambda values: Profile((stretch(values),)), Profile.merge)


@given(COLUMNS)
def test_identity(values):
    """A stretch without values changes nothing."""
    laws.identity(MONOID, values)


@given(partitioned())
def test_associativity(stretches):
    """Parts of a stretch may be put together in any order."""
    laws.associativity(MONOID, stretches)


@given(partitioned())
def test_split_invariance(stretches):
    """A stretch is that of its rows, however it is cut."""
    laws.split_invariance(MONOID, stretches)


@given(SHORT_COLUMNS, SHORT_COLUMNS)
def test_operands_untouched(left, right):
    """Merging leaves its operands as they were."""
    laws.operands_untouched(MONOID, left, right)


@given(COLUMNS)
def test_pickle(values):
    """A profile survives the way between processes."""
    laws.pickle_round_trip(MONOID, values)


@given(COLUMNS)
def test_mean_and_spread_are_exact(values):
    """Mean and standard deviation of a stretch are the oracle's, to the last bit."""
    found, exact = stretch(np.array(values, float)), oracle.expected(values, percentiles=())
    if exact["std"] is not None or not values:
        assert (found.mean, found.std) == (exact["mean"], exact["std"])


@given(COLUMNS)
def test_sums_and_ends_are_exact(values):
    """Of values of any signs and exponents, in any order."""
    found = stretch(np.array(values, float))
    assert [found.first, found.second] == [sum(integer(x) ** k for x in values) for k in (1, 2)]
    assert [found.least, found.greatest] == [min(values, default=inf), max(values, default=-inf)]
    assert not {math.copysign(1, end) for end in (found.least, found.greatest) if end == 0} - {1}


def test_very_many_values_are_looked_at_in_parts(monkeypatch):
    """A sum has room for so many of them only."""
    whole = stretch(STEADY)
    monkeypatch.setattr("pipeline.statistics.profile.MAX_ADDENDS", 3_000)
    assert stretch(STEADY) == whole


@pytest.mark.parametrize("decimals", range(7))
def test_decimals_of_a_stretch(decimals):
    """Of more values than a block holds, and of one with one decimal less."""
    values = np.concatenate((np.arange(5_000) * 10 + 1, [10])) / 10**decimals
    counts = [0] * 4
    counts[min(decimals, 3)] += 5_000
    counts[min(max(decimals - 1, 0), 3)] += 1
    assert stretch(values).decimals == tuple(counts)


def profiled(values: np.ndarray, window: int) -> Summary:
    """The summary of values in stretches of three, by their places in the whole."""
    reading = ProfiledReading(window, most_values=7)
    for start in range(0, values.size, 3):
        reading.add(values[start : start + 3], start // 3)
    return reading.total()


def windows_of(values: np.ndarray, window: int, start: int, stop: int) -> MovingRange:
    """Those that end at the values from `start` to before `stop`, in rational numbers."""
    found = []
    for end in range(max(start, window - 1), stop):
        part = [Fraction(float(value)) for value in values[end - window + 1 : end + 1]]
        centre = sum(part) / window
        found.append(sum((value - centre) ** 2 for value in part) / window)
    return MovingRange(float(min(found)), float(max(found))) if found else NO_WINDOWS


@given(COLUMNS, st.integers(1, 9))
def test_the_moving_variance_of_each_stretch_is_that_of_the_windows_that_end_there(values, window):
    """Also of windows longer than a stretch, which begin in another one."""
    values = np.array([value for value in values if abs(value) < LARGE], float)
    profile = profiled(values, window).profile
    for i, one in enumerate(profile.stretches):
        assert one.windows == windows_of(values, window, 3 * i, min(3 * i + 3, values.size))


@given(COLUMNS, st.integers(1, 9), st.integers(0, 40))
def test_the_moving_variance_does_not_depend_on_where_a_table_is_cut(values, window, cut):
    """A stretch that was cut in two is put together, with the windows across the cut."""
    values = np.array([value for value in values if abs(value) < LARGE], float)
    cut = min(cut, values.size)
    left, right = (ProfiledReading(window) for _ in range(2))
    for start in range(0, values.size, 3):
        left.add(values[start : min(start + 3, cut)], start // 3)
        right.add(values[max(start, cut) : start + 3], start // 3)
    assert left.total().merge(right.total()).profile == profiled(values, window).profile


def test_a_window_longer_than_any_column_needs_no_room():
    """There is no such window, and what is kept are the values that there are."""
    reading = ProfiledReading(10**15, most_values=1_000)
    reading.add(STEADY, 3)
    assert reading.total().profile == Profile((stretch(STEADY),))


@given(COLUMNS, st.integers(1, 9))
def test_values_of_any_scale_have_an_exact_moving_variance(values, window):
    """Beside 1e-300 and 1e300 there is no fixed point for all."""
    mixed = np.array([*values, 1e-300, *values, 1e150, 0.0, *values], float)
    mixed = mixed[np.abs(mixed) < LARGE]
    assert MovingRange.of(mixed, window) == windows_of(mixed, window, 0, mixed.size)


def eighths(eights: np.ndarray, window: int) -> MovingRange:
    """The range of the moving variance of integers in units of an eighth."""
    sums = np.lib.stride_tricks.sliding_window_view(eights.astype(object), window).sum(axis=1)
    squares = np.lib.stride_tricks.sliding_window_view(eights.astype(object) ** 2, window)
    numerators = [window * b - a**2 for a, b in zip(sums, squares.sum(axis=1), strict=True)]
    scale = 64 * window**2
    return MovingRange(min(numerators) / scale, max(numerators) / scale)


@pytest.mark.parametrize(
    "eights",
    [
        CHANCE.normal(160, 24, 3_000).round(),
        CHANCE.integers(0, 2, 3_000) * CHANCE.integers(0, 1_000, 3_000),
        np.where(np.arange(3_000) % 1_000 < 300, 80, CHANCE.normal(160, 24, 3_000).round()),
        np.tile(np.arange(10), 300),
        np.full(3_000, 77),
        np.cumsum(CHANCE.normal(0, 1e6, 3_000).round()),
        np.r_[CHANCE.normal(0, 2, 1_500).round(), 10**9 + CHANCE.normal(0, 2, 1_500).round()],
    ],
    ids=["normal", "rain", "stuck", "ties", "constant", "walk", "level"],
)
def test_the_range_of_the_moving_variance_is_exact_in_data_of_any_kind(eights):
    """Where few windows are in question, where many tie, and where some do not vary at all."""
    eights = eights.astype(np.int64)
    assert MovingRange.of(eights / 8, 50) == eighths(eights, 50)


def test_neighbours_keep_their_order():
    """Stretches with different numbers lie side by side; a profile that is not there adds none."""
    one, other = Profile((Stretch(1, 2),)), Profile((Stretch(2, 5),))
    assert one.merge(other).stretches == (Stretch(1, 2), Stretch(2, 5))
    assert merged(None, one) == merged(one, None) == one
    assert merged(None, None) is None


def outcome(path, client, parts, column="x", **more):
    cut = Partitioning(partitions=parts)
    request = Request((path,), Query((column,)), partitioning=cut, **more)
    return run(request, partial(borrow, client), Observer())


@pytest.mark.parametrize("name", FILES)
def test_reading_in_stretches_changes_nothing(name, folder, client, monkeypatch):
    """Results are the same with a profile, which is the same for any partitions.

    Many of the stretches begin within a row, or hold none.
    """
    monkeypatch.setattr("pipeline.partitions.stretches._LEAST_BYTES", 50)
    column = FILES[name].options["column"]
    plain = outcome(folder / name, client, 1, column).result
    profiles = []
    for parts in (1, 7, 64):
        found = outcome(folder / name, client, parts, column, report=True)
        assert found.result.to_json() == plain.to_json()
        (profile,) = found.profiles
        stretches = profile.stretches if profile else ()
        profiles.append(Profile(tuple(one for one in stretches if one.rows)))
    assert profiles[0] == profiles[1] == profiles[2]
    stretches = profiles[0].stretches
    assert sum(one.count for one in stretches) == plain.count
    assert sum(one.missing for one in stretches) == plain.missing
    assert min((one.least for one in stretches if one.count), default=None) == plain.min
    assert len(stretches) <= MOST_STRETCHES
    assert all(a.number < b.number for a, b in pairwise(stretches))


def said(cells: np.ndarray) -> list[str]:
    """Return which rules speak of a column, NaN standing for a missing cell."""
    parts = np.array_split(cells, 100)
    stretches = [
        replace(Stretch.of(i, part[~np.isnan(part)]), missing=int(np.isnan(part).sum()))
        for i, part in enumerate(parts)
    ]
    values = cells[~np.isnan(cells)]
    summary = summarise(values, 500)
    result = finish(summary, (50,), Source("f", 1, "x", 500))
    missing = int(np.isnan(cells).sum())
    object.__setattr__(result, "missing", missing)
    return [remark.rule for remark in along_the_file(Profile(tuple(stretches)), result)]


def with_missing(start: int, stop: int, step: int = 1) -> np.ndarray:
    cells = STEADY.copy()
    cells[start:stop:step] = np.nan
    return cells


@pytest.mark.parametrize(
    ("cells", "rules"),
    [
        (STEADY, []),
        (STEADY[:1_000], []),
        (np.where(np.arange(10_000) // 100 % 2, STEADY, FINE), []),
        (STEADY + 3 * np.sin(np.arange(STEADY.size) / 1_000), []),
        (with_missing(0, 10_000, 9), []),
        (with_missing(4_000, 4_700), ["gaps_together"]),
        (np.where(np.arange(10_000) // 500 == 7, 21.3, STEADY), ["stuck"]),
        (np.r_[STEADY[:6_000], STEADY[6_000:] + 9], ["level"]),
        (np.r_[STEADY[:7_000], CHANCE.normal(20, 3, 3_000).round(2)], ["finer"]),
        (np.r_[CHANCE.normal(20, 3, 7_000).round(2), STEADY[7_000:]], ["finer"]),
        (np.zeros(10_000), []),
    ],
    ids=[
        "steady",
        "short",
        "in turn",
        "seasons",
        "scattered",
        "gap",
        "stuck",
        "level",
        "finer",
        "coarser",
        "constant",
    ],
)
def test_rules(cells, rules):
    """A rule speaks where its case is there, and is silent in data without it."""
    assert said(cells) == rules
