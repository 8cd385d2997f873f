"""Grouped state is the summaries of its groups: a monoid, whatever is cut from it and how."""

from __future__ import annotations

import pickle
from dataclasses import replace
from functools import reduce
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.numeric.key_parts import join_key, part_of_all, split_key
from pipeline.numeric.keys import Keys, hash_all
from pipeline.statistics.grouped import Grouped
from pipeline.statistics.summary import summarise
from tests import laws

CELLS = st.one_of(
    st.sampled_from([1.5, 2.5, -0.0, 0.0, 1e300, float("nan"), float("inf"), float("-inf")]),
    st.integers(-20, 20).map(lambda tenths: tenths / 10),
)
KEYS = st.sampled_from([b"", b"a", b"b", b"A", b" a", b"a" * 100_000, b"\xff\0", b"12345678"])
ROWS = st.lists(st.tuples(KEYS, CELLS, CELLS), max_size=60)
WINDOW = st.sampled_from([1, 2, 3, 7])
CUTS = st.lists(st.integers(0, 60), max_size=6).map(sorted)


def grouped(rows: list[tuple[bytes, float, float]], window: int) -> Grouped:
    numbers: dict[bytes, int] = {}
    codes = np.array([numbers.setdefault(key, len(numbers)) for key, *_ in rows], np.int64)
    columns = [np.array([row[i] for row in rows], float) for i in (1, 2)]
    return Grouped.of(Keys.of(numbers), codes, columns, window)


def state(value: Grouped) -> object:
    """What is stored, as something that can be compared; counts in any width."""
    columns = [
        (
            column.counters.tolist(),
            [array.tolist() for array in column.entries],
            column.end_bounds.tolist(),
            column.ends.tolist(),
            dict(column.squares),
        )
        for column in value.columns
    ]
    return value.keys.to_list(), value.firsts.tolist(), value.rows, columns


def parts_of(rows: list[tuple[bytes, float, float]], cuts: list[int], window: int) -> list[Grouped]:
    bounds = zip([0, *cuts], [*cuts, len(rows)], strict=True)
    return [grouped(rows[start:stop], window) for start, stop in bounds]


@given(ROWS, CUTS, WINDOW)
def test_merging_is_associative_and_split_invariant(rows, cuts, window):
    """From the left or from the right, the parts make the whole; nothing is the identity."""
    parts, whole = parts_of(rows, cuts, window), state(grouped(rows, window))
    nothing = Grouped.empty(2, window)
    assert state(reduce(Grouped.merge, parts)) == whole
    assert state(reduce(lambda right, left: left.merge(right), reversed(parts))) == whole
    assert state(nothing.merge(grouped(rows, window))) == whole
    assert state(grouped(rows, window).merge(nothing)) == whole


@given(ROWS, CUTS, WINDOW, st.sampled_from([1, 3]))
def test_cut_and_merged_is_merged_and_cut(rows, cuts, window, lanes):
    """Parts of groups merge apart from each other, and travel between processes."""
    cut = [part.cut(lanes) for part in parts_of(rows, cuts, window)]
    sent = [pickle.loads(pickle.dumps(lane)) for lane in zip(*cut, strict=True)]  # noqa: S301
    merged = [state(reduce(Grouped.merge, lane)) for lane in sent]
    assert merged == [state(lane) for lane in grouped(rows, window).cut(lanes)]


@given(ROWS, WINDOW)
def test_a_group_is_the_summary_of_its_cells(rows, window):
    """Its values, windows and counters are those that its rows alone would have."""
    whole = grouped(rows, window)
    for group, key in enumerate(whole.keys.to_list()):
        for i, column in enumerate(whole.columns):
            cells = np.array([row[1 + i] for row in rows if row[0] == key])
            expected = summarise(cells[np.isfinite(cells)] + 0.0, window)
            found = column.summary(group)
            assert laws.state(found.values.values) == laws.state(expected.values.values)
            assert found.values.counts.tolist() == expected.values.counts.tolist()
            assert found.values.firsts.tolist() == expected.values.firsts.tolist()
            assert laws.state(found.moving) == laws.state(expected.moving)
            assert found.count == expected.count
            assert found.missing == np.count_nonzero(np.isnan(cells))
            assert found.invalid == np.count_nonzero(cells == np.inf)
            assert found.out_of_range == np.count_nonzero(cells == -np.inf)


@given(st.lists(st.binary(max_size=40), unique=True), st.lists(st.binary(max_size=40), unique=True))
def test_keys_are_found_by_their_bytes(left, right):
    """Sorted keys merge to sorted keys, and each is found on either side, whatever the hashes."""
    for kept in (np.uint64(2**64 - 1), np.uint64(1)):
        sides = []
        for texts in (left, right):
            keys = Keys.of(texts)
            keys = replace(keys, hashes=keys.hashes & kept)
            sides.append(keys.take(keys.order()))
        merged, *places = sides[0].merge(sides[1])
        found = merged.to_list()
        assert merged.order().tolist() == list(range(len(merged)))
        assert sorted(found) == sorted({*left, *right})
        assert merged.hashes.tolist() == (hash_all(merged.text, merged.bounds) & kept).tolist()
        for keys, numbers in zip(sides, places, strict=True):
            there = numbers >= 0
            assert [found[i] for i in np.flatnonzero(there)] == keys.to_list()
            assert keys.take(numbers[there]).to_list() == keys.to_list()
        half = len(merged) // 2
        assert merged.between(half, len(merged)).to_list() == found[half:]


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_a_key_is_its_parts(parts):
    """No two lists of parts make the same key."""
    assert split_key(join_key(parts)) == parts
    other = [part[::-1] * 2 for part in parts]
    keys = Keys.of(dict.fromkeys([join_key(parts), join_key(other)]))
    for k in range(len(parts)):
        text, bounds = part_of_all(keys, k)
        found = [text[a:b].tobytes() for a, b in pairwise(bounds.tolist())]
        assert found == [split_key(key)[k] for key in keys.to_list()]
