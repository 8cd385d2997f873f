"""The statistics of groups in wide integers are those of `formulas`, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.numeric.keys import Keys
from pipeline.statistics.finish import finish
from pipeline.statistics.group_table import finish_all
from pipeline.statistics.grouped import Grouped
from pipeline.statistics.grouped_finish import Found
from pipeline.statistics.grouped_formulas import fitting
from pipeline.statistics.result import STATISTICS, Source
from tests.strategies import COLUMNS, WINDOWS

PERCENTILES = st.lists(
    st.sampled_from([0.0, 10.0, 25.0, 50.0, 99.9, 100.0, 100 / 3, 1e-9]), max_size=4, unique=True
)


def table_of(groups, window):
    """Return the state of groups, given as their values, whose rows take turns."""
    rows = [(i, g) for g, values in enumerate(groups) for i in range(len(values))]
    order = [group for _, group in sorted(rows)]
    seen = list(dict.fromkeys(order))
    codes = np.array([seen.index(group) for group in order], np.int64)
    cells, places = np.empty(len(order)), [0] * len(groups)
    for row, group in enumerate(order):
        cells[row] = groups[group][places[group]]
        places[group] += 1
    return Grouped.of(Keys.of([b"%d" % g for g in seen]), codes, [cells], window)


@given(st.lists(COLUMNS, min_size=1, max_size=4), WINDOWS, PERCENTILES)
def test_each_group_has_the_statistics_of_its_values_alone(groups, window, percentiles):
    """Whether its integers fit, or are left to the formulas."""
    grouped = table_of(groups, window)
    source = Source("file.csv", 1, "x", window)
    table = finish_all(grouped, percentiles, [source])
    for group in range(len(grouped)):
        wanted = finish(grouped.columns[0].summary(group), percentiles, source)
        found = table.result(group, 0)
        for name in STATISTICS:
            one, other = getattr(found, name), getattr(wanted, name)
            assert repr(one) == repr(other), name


@pytest.mark.parametrize("digits", [1, 5, 12])
def test_usual_groups_fit(digits):
    """None of them is left to the formulas, which take twenty times as long."""
    values = np.round(np.random.default_rng(digits).normal(20, 9, 3000), digits)
    grouped = table_of(np.split(values, 30), 50)
    shifts = Found.of(grouped.columns[0], [10.0]).shifts
    assert fitting(shifts).size == 30
