"""Merging entries: what both sides have is added up, whatever the sizes of the sides."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.numeric.merging import merge_rising

SIDES = st.dictionaries(st.integers(-40, 40), st.tuples(st.integers(1, 9), st.integers(0, 99)))
"""How often each value comes, and where it comes first."""


def arrays(side: dict, kind: type, room: int = 0) -> tuple:
    """Return the entries of a side in rising order, and room behind them."""
    values = sorted(side)
    entries = (
        np.array(values, float),
        *(np.array([side[x][i] for x in values], kind) for i in (0, 1)),
    )
    return tuple(np.concatenate([array, np.zeros(room, array.dtype)]) for array in entries)


@pytest.mark.parametrize("kind", [np.uint32, np.int64])
@given(ours=SIDES, theirs=SIDES, start=st.integers(0, 5), begin=st.integers(0, 5))
def test_what_both_have_is_added_up(kind, ours, theirs, start, begin):
    """From some entry on, behind what is there: counts are added, our first position stays."""
    left, right = (
        {x: side[x] for x in sorted(side)[skipped:]}
        for side, skipped in ((ours, start), (theirs, begin))
    )
    expected = {x: (count, first + 100) for x, (count, first) in right.items()}
    for x, (count, first) in left.items():
        expected[x] = (count + expected.get(x, (0, 0))[0], first)
    merged = arrays({0: (7, 7)}, kind, room=len(left) + len(right))
    end = merge_rising(
        *(arrays(ours, kind), min(start, len(ours)), len(ours)),
        *(arrays(theirs, kind), min(begin, len(theirs)), len(theirs)),
        *(100, merged, 1),
    )
    values, counts, firsts = (array[1:end].tolist() for array in merged)
    assert list(zip(values, counts, firsts, strict=True)) == [
        (x, *expected[x]) for x in sorted(expected)
    ]
    assert [array[0] for array in merged] == [0, 7, 7]
