"""Generators that reach the nasty cases: what a column can hold, and how it can be cut."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

WINDOWS = st.sampled_from([1, 2, 3, 7, 500])

ANY_FLOAT = st.floats(allow_nan=False, allow_infinity=False)
SUBNORMAL = st.floats(min_value=-2.0e-308, max_value=2.0e-308)
ONE_DECIMAL = st.integers(-50, 500).map(lambda tenths: tenths / 10)
FEW = st.sampled_from([0.1, 0.2, 0.3])
ZEROS = st.sampled_from([0.0, -0.0, 5e-324, -5e-324])
NEGATIVE = st.floats(min_value=-1e6, max_value=-1e-6)
WIDE = st.sampled_from([1e300, -1e300, 1e-300, -1e-300, 1.0, 0.1])
CONSTANTS = st.sampled_from([0.1, -0.1, 1 / 3, 1e15 + 0.125, 0.0, -0.0, 5e-324, 1.7e308])


def lists(elements: st.SearchStrategy[float], **sizes: int) -> st.SearchStrategy[list[float]]:
    return st.lists(elements, **({"max_size": 40} | sizes))


CONSTANT = st.tuples(CONSTANTS, st.integers(1, 40)).map(lambda pair: [pair[0]] * pair[1])
OFFSET = st.tuples(st.sampled_from([1e6, 1e9, 1e12, 1e15, -1e15]), lists(ONE_DECIMAL)).map(
    lambda pair: [pair[0] + value for value in pair[1]]
)
ONE_HUGE = st.tuples(
    lists(ONE_DECIMAL), st.sampled_from([1e16, -1e16, 1e300]), lists(ONE_DECIMAL)
).map(lambda parts: [*parts[0], parts[1], *parts[2]])
DISTINCT = st.lists(ANY_FLOAT, max_size=40, unique=True)


@st.composite
def around_the_window(draw: st.DrawFn) -> list[float]:
    """As many values as a window of 500 holds, one or two more or fewer, or twice as many."""
    n = draw(st.sampled_from([499, 500, 501, 502, 999, 1000, 1001]))
    pool = draw(st.one_of(lists(ONE_DECIMAL, min_size=1), lists(ANY_FLOAT, min_size=1), CONSTANT))
    order = np.random.default_rng(draw(st.integers(0, 2**32))).integers(len(pool), size=n)
    return [pool[i] for i in order]


SHORT_COLUMNS = st.one_of(
    lists(ANY_FLOAT),
    lists(ONE_DECIMAL),
    lists(FEW),
    lists(ZEROS),
    lists(SUBNORMAL),
    lists(NEGATIVE),
    lists(WIDE),
    CONSTANT,
    OFFSET,
    ONE_HUGE,
    DISTINCT,
)
COLUMNS = st.one_of(SHORT_COLUMNS, SHORT_COLUMNS, around_the_window())


@st.composite
def partitioned(
    draw: st.DrawFn, columns: st.SearchStrategy[list[float]] = COLUMNS
) -> list[list[float]]:
    """A column cut anywhere: partitions may be empty, shorter than a window, more than the rows."""
    column = draw(columns)
    cuts = sorted(draw(st.lists(st.integers(0, len(column)), max_size=60)))
    return [
        column[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(column)], strict=True)
    ]
