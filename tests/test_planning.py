"""A look at a table chooses how its values are merged, and how large its partitions are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.formats.column import ColumnRows
from pipeline.formats.open import open_files
from pipeline.formats.query import Key, Query
from pipeline.formats.read_options import ReadOptions
from pipeline.formats.table import Batch
from pipeline.numeric.keys import Keys
from pipeline.partitions.cutting import default_blocksize
from pipeline.partitions.grouped_rows import GroupedRows
from pipeline.partitions.planning import (
    Limits,
    MergePlan,
    TooManyDistinctError,
    check_state,
    estimate_groups,
    estimate_growth,
    plan_merge,
    replan,
)
from pipeline.partitions.segment import Segment
from pipeline.statistics.distribution import curve_ranks
from pipeline.statistics.divisions import Divisions
from pipeline.statistics.grouped import Grouped
from pipeline.statistics.multiset import Multiset


@dataclass
class Sampled:
    """A table whose positions are rows, each of one byte: a column that comes `repeats` times."""

    column: np.ndarray
    repeats: int = 1
    begin: int = 0
    columns = ("x",)
    keys = ()
    max_groups = 0
    divisible = True

    @property
    def end(self):
        return self.column.size * self.repeats

    def nbytes(self, partition):
        return partition.stop - partition.start

    def read(self, partition):
        return Part(self.column.take(range(partition.start, partition.stop), mode="wrap"))

    def rows(self, partition):
        return ColumnRows(self.read(partition))


@dataclass
class Part:
    """Some values of the table."""

    values: np.ndarray

    def batches(self):
        yield self.values


DISTINCT = np.random.default_rng(0).permutation(1 << 20) / 8
FEW_IN_A_TREE = Limits(table_nbytes=0, distinct_one_tree=1 << 14, distinct_per_range=1 << 14)


def test_the_next_attempt_has_partitions_of_bounded_values():
    """What a segment was full of tells how many values the others hold."""
    table = Sampled(np.arange(1 << 20) / 8, repeats=4)
    limits = Limits(values_per_partition=1 << 10)
    plan = replan(table, TooManyDistinctError(Divisions(((5.0,),)), 0.5), limits)
    assert plan == MergePlan(Divisions(((5.0,),)), 1 << 11, None)


def test_the_look_tells_few_values_from_many():
    """Distinct values are cut into ranges of like size, repeated ones are not."""
    plan = plan_merge(Sampled(DISTINCT), 2, FEW_IN_A_TREE)
    sizes = [part.distinct for part in Multiset.of(DISTINCT).cut(plan.divisions.of_column(0))]
    assert len(sizes) == 64
    assert max(sizes) < 2 * FEW_IN_A_TREE.distinct_per_range
    assert plan.blocksize == FEW_IN_A_TREE.values_per_partition
    assert plan.distinct_limit is None
    few = Sampled(np.floor(DISTINCT) % 1000)
    assert plan_merge(few, 2, FEW_IN_A_TREE) == MergePlan()


def test_a_small_table_is_merged_in_one_tree():
    """Nothing is looked at, though it holds many values."""
    limits = Limits(table_nbytes=1 << 21, distinct_one_tree=1, distinct_per_range=1)
    assert plan_merge(Sampled(DISTINCT), 2, limits) == MergePlan()


@pytest.mark.parametrize(("cores", "expected"), [(1, 2), (2, 2), (3, 3), (8, 4)])
def test_some_values_are_cut_for_the_cores_that_merge_them(cores, expected):
    """A range for each core, if that leaves it enough; partitions stay as large as usual."""
    limits = Limits(table_nbytes=0, distinct_per_core_range=1 << 18)
    plan = plan_merge(Sampled(DISTINCT), cores, limits)
    assert len(plan.divisions.of_column(0)) + 1 == expected
    assert plan.blocksize is None
    assert plan.distinct_limit


def test_the_look_is_not_fooled_by_a_period():
    """Values that come back as often as pieces are looked at are not taken for few."""
    plan = plan_merge(Sampled(DISTINCT, repeats=64), 2, FEW_IN_A_TREE)
    assert (
        len(plan.divisions.of_column(0)) + 1 > DISTINCT.size / 2 / FEW_IN_A_TREE.distinct_per_range
    )


@pytest.mark.parametrize(
    ("size", "cores", "wanted"),
    [
        (10, 2, 8 << 20),
        (256 << 20, 2, 16 << 20),
        (10**10, 2, 160 << 20),
        (10**12, 60, 512 << 20),
    ],
)
def test_partitions_grow_with_the_file_and_the_cluster(size, cores, wanted):
    """Eight a core, unless the scheduler, the share or a task says otherwise."""
    assert default_blocksize(size, cores) == wanted


@pytest.fixture(scope="module")
def stations(tmp_path_factory):
    """Forty thousand rows: a key with ten texts, a key of its own for each row, few values."""
    path = tmp_path_factory.mktemp("stations") / "stations.csv"
    rows = (f"s{i % 10},{i:06},{i % 97 / 4}\n" for i in range(40_000))
    path.write_text("station,row,x\n" + "".join(rows))
    return path


def groups_of(path, key, **limits):
    query = Query(("x",), (Key(key),))
    table, _ = open_files([path], ReadOptions(), query)
    return plan_merge(table, 3, Limits(table_nbytes=0, **limits))


def test_groups_are_cut_for_the_cores_at_least(stations):
    """Few of them, which fit into one part; partitions are as large as their rows allow."""
    plan = groups_of(stations, "station", rows_per_partition=1000)
    assert plan.divisions == Divisions(groups=3)
    assert plan.max_groups == Query(("x",)).max_groups
    rows = plan.blocksize * 40_000 / stations.stat().st_size
    assert 500 < rows < 2000


def test_many_groups_are_cut_into_parts_of_bounded_size(stations):
    """A group of one row takes some seventy bytes; those with many values take their entries."""
    for key, least, most in (("row", 20, 60), ("station", 3, 10)):
        plan = groups_of(stations, key, nbytes_per_part=1 << 16, window=1)
        assert least <= plan.divisions.groups <= most


PIECES = st.lists(st.lists(st.integers(0, 50), min_size=1, max_size=30), min_size=2, max_size=8)


@given(PIECES, st.floats(1, 100))
def test_estimates_lie_between_what_was_seen_and_all(pieces, scale):
    """Never more than there are values; what is repeated everywhere is not taken for more."""
    arrays = [np.array(piece, float) for piece in pieces]
    seen, size = len({x for piece in pieces for x in piece}), sum(map(len, pieces))
    assert seen <= estimate_growth(arrays, scale) * (1 + 1e-9)
    assert estimate_growth(arrays, scale) <= size * scale
    keys = [Keys.of([b"%d" % x for x in dict.fromkeys(piece)]) for piece in pieces]
    groups = estimate_groups(keys, scale)
    assert groups <= sum(map(len, keys)) * scale
    same = [np.array([1.0, 2.0])] * len(pieces)
    assert estimate_growth(same, scale) == 2
    assert estimate_groups([Keys.of([b"a", b"b"])] * 4, scale) == 2


def test_groups_with_more_entries_than_planned_are_cut(stations):
    """The next attempt knows how many values there are."""
    table, _ = open_files([stations], ReadOptions(), Query(("x",), (Key("station"),)))
    keys, codes = Keys.of([b"a", b"b"]), np.arange(40) % 2
    state = Grouped.of(keys, codes, [np.arange(40.0)], 5)
    segment = Segment(0, 20, 0, 20, state, None, ())
    with pytest.raises(TooManyDistinctError) as met:
        check_state(segment, MergePlan(distinct_limit=10, max_groups=100))
    assert met.value.density == 2
    assert replan(table, met.value).divisions.groups > 1


def test_no_value_has_no_curve():
    assert curve_ranks(0) == []


def test_rows_without_keys_are_no_groups():
    with pytest.raises(ValueError, match="cannot be grouped"):
        GroupedRows(None, 1, 5).add(Batch([np.zeros(3)], None))
