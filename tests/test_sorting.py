"""The indices that sort values, however these lie."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from pipeline.numeric.sorting import rising
from tests.strategies import SHORT_COLUMNS

MANY = np.random.default_rng(1).permutation(1000)


@given(SHORT_COLUMNS)
def test_values_are_in_rising_order(values):
    """Each index is there once."""
    column = np.array(values, np.float64)
    order = rising(column)
    assert sorted(order.tolist()) == list(range(column.size))
    assert column[order].tolist() == sorted(values)


@pytest.mark.parametrize(
    "values",
    [
        MANY / 10,
        MANY // 3,
        MANY * 0.0,
        2.0**MANY,
        np.where(MANY, MANY, 1e300),
        np.where(MANY, MANY * 1e305, -1.7e308),
        MANY * 5e-324,
        np.concatenate((np.arange(1000.0), np.arange(1000.0))),
    ],
    ids=["decimals", "ties", "equal", "powers", "outlier", "widest", "narrowest", "twice"],
)
def test_many_values_are_in_rising_order(values):
    """Spread evenly, crowded in one bucket, or farther apart than any float64."""
    with np.errstate(over="ignore"):
        assert values[rising(values)].tolist() == np.sort(values).tolist()
