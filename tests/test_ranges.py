"""Cut into ranges of values or not: the result is the same, and no machine holds all values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pipeline
from pipeline.engine import reduce
from pipeline.engine.observer import Observer
from pipeline.formats.read_options import ReadOptions
from pipeline.partitions import planning
from pipeline.partitions.cutting import default_blocksize
from pipeline.partitions.segment import Segment
from pipeline.partitions.value_ranges import RangeSummary, cut, locate
from pipeline.request import Request
from pipeline.run import run
from pipeline.statistics.aggregates import Aggregates
from pipeline.statistics.finish import finish, finish_from
from pipeline.statistics.multiset import Multiset
from pipeline.statistics.percentiles import ranks
from pipeline.statistics.result import Source
from pipeline.statistics.sufficient import SufficientStatistics
from pipeline.statistics.summary import summarise
from tests import laws
from tests.clusters import local
from tests.files import FILES
from tests.strategies import ANY_FLOAT, SHORT_COLUMNS, partitioned

SOURCE = Source("test.csv", 0, "x", 3)
PERCENTILES = (0, 2.5, 10, 50, 99.9, 100)
EDGES = st.lists(ANY_FLOAT, max_size=6, unique=True).map(sorted)


@pytest.fixture(scope="module")
def client():
    with local(2) as client:
        yield client


def stretch(values: list[float]) -> Segment:
    return Segment(0, 1, 0, 1, summarise(np.array(values, float), 3), None, ())


@settings(max_examples=200)
@given(partitioned(SHORT_COLUMNS), EDGES)
def test_merging_ranges_is_merging_stretches(parts, edges):
    """Cut and then merged is merged and then cut, for every range and the rest."""
    whole = stretch([value for part in parts for value in part])
    lanes = zip(*(cut(stretch(part), edges) for part in parts), strict=True)
    for merged, lane in zip(cut(whole, edges), lanes, strict=True):
        total = lane[0].summary
        for part in lane[1:]:
            total = total.merge(part.summary)
        assert laws.state(total) == laws.state(merged.summary)


@settings(max_examples=200)
@given(SHORT_COLUMNS, EDGES)
def test_ranges_have_the_statistics_of_the_whole(values, edges):
    """Digests of ranges add up, and ranks are found in the range where they lie."""
    whole = stretch(values).summary
    rest, *slices = (lane.summary for lane in cut(stretch(values), edges))
    digests = [Aggregates.of(part.values) for part in slices]
    digest = digests[0]
    for other in digests[1:]:
        digest = other.merge(digest)
    wanted = ranks(len(values), PERCENTILES)
    order = [
        value
        for part, inside in zip(slices, locate(digests, wanted), strict=True)
        for value in part.values.select(inside)
    ]
    found = SufficientStatistics(rest, digest, dict(zip(wanted, order, strict=True)), PERCENTILES)
    assert repr(finish_from(found, SOURCE)) == repr(finish(whole, PERCENTILES, SOURCE))


def test_a_slice_knows_where_its_neighbour_begins():
    """First positions count the values of all ranges, so the mode is the first in the file."""
    left, right = (cut(stretch(part), [5.0]) for part in ([9.0, 1.0, 9.0], [2.0, 9.0, 1.0]))
    low, high = (a.summary.merge(b.summary) for a, b in zip(left[1:], right[1:], strict=True))
    assert isinstance(low, RangeSummary)
    assert low.values.firsts.tolist() == [1, 3]
    assert high.values.firsts.tolist() == [0]


def test_positions_beyond_32_bits_are_kept():
    """Counts and positions take 32 bits as long as they fit, and no longer."""
    far, near = Multiset.of(np.array([3.0, 1.0])), Multiset.of(np.array([1.0, 2.0]))
    merged = near.merge(far, 1 << 33)
    assert merged.firsts.tolist() == [0, 1, 1 << 33]
    assert merged.counts.tolist() == [2, 1, 1]
    assert merged.merge(near, 1 << 34).firsts.tolist() == [0, 1, 1 << 33]
    assert near.merge(far, 2).nbytes == 3 * 16


def text(folder, name, partitions, client):
    options = FILES[name].options
    return pipeline.describe(
        folder / name, partitions=partitions, window=20, client=client, **options
    ).to_json()


@pytest.fixture(scope="module")
def unsplit(folder, client):
    return {name: text(folder, name, 1, client) for name in FILES}


def force(monkeypatch, *edges: float) -> None:
    monkeypatch.setattr(planning, "survey", lambda _table, _cores: planning.MergePlan(edges))


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("partitions", [1, 7, 64])
def test_ranges_do_not_change_the_result(name, partitions, folder, unsplit, client, monkeypatch):
    """The same bytes with ranges, some of them empty, also where rows begin where none was seen."""
    force(monkeypatch, -1e9, 5.0, 20.0, 20.1)
    assert text(folder, name, partitions, client) == unsplit[name]


def test_wrong_guesses_are_mended_in_every_range(folder, unsplit, client, monkeypatch):
    """Quoted lines that a partition took for rows are read again."""
    again = []
    reread = reduce.reread

    def watched(job, partitions, start):
        again.append(start)
        return reread(job, partitions, start)

    monkeypatch.setattr(reduce, "reread", watched)
    force(monkeypatch, 10.0)
    name = "newlines in quotes"
    assert text(folder, name, 64, client) == unsplit[name]
    assert again


@pytest.mark.parametrize("edges", [(), (20.0,)])
@pytest.mark.parametrize("partitions", [1, 7])
def test_a_run_that_meets_too_many_values_begins_again_in_ranges(
    partitions, edges, folder, unsplit, client, monkeypatch
):
    """Where the sample told of few values and a partition, or several, have many: same result."""
    monkeypatch.setattr(planning, "MANY", 50)
    force(monkeypatch, *edges)
    with pytest.warns(UserWarning, match="reading again in ranges"):
        found = text(folder, "one column", partitions, client)
    assert found == unsplit["one column"]


class Counter(Observer):
    """One who counts rows, and how often the run begins again."""

    rows = 0
    starts = 0

    def done(self, leaf):
        self.rows += leaf.count

    def start(self, *_):
        self.rows = 0
        self.starts += 1


def test_a_run_that_begins_again_tells_so(folder, unsplit, client, monkeypatch):
    """Rows of the first attempt are not counted in the second."""
    monkeypatch.setattr(planning, "MANY", 50)
    counter = Counter()
    request = Request(folder / "one column", ReadOptions("x"), partitions=7, window=20)
    result = run(request, partial(reduce.borrow, client), counter).result
    assert result.to_json() == unsplit["one column"]
    assert counter.starts == 2
    assert counter.rows <= result.count


def test_ranges_travel_between_processes(folder, unsplit, monkeypatch):
    """The same bytes from workers that share no memory."""
    force(monkeypatch, 5.0, 20.0)
    with local(2, processes=True) as client:
        assert text(folder, "one column", 40, client) == unsplit["one column"]


def test_partitions_have_their_own_statistics_with_ranges_too(folder, client, monkeypatch):
    """Partials are those of a run without ranges."""
    request = Request(
        folder / "one column", ReadOptions("x"), partitions=7, window=20, partials=True
    )
    plain = run(request, partial(reduce.borrow, client), Observer())
    force(monkeypatch, 5.0, 20.0)
    assert run(request, partial(reduce.borrow, client), Observer()) == plain
    assert len(plain.partials) == 7


def test_a_parquet_file_is_cut_into_ranges_too(client, tmp_path, monkeypatch):
    """The same bytes with ranges, from row groups."""
    path = tmp_path / "data.parquet"
    values = np.random.default_rng(1).normal(10, 5, 1000).round(3)
    pq.write_table(pa.table({"x": values}), path, row_group_size=70)
    plain = pipeline.describe(path, column="x", window=20, client=client)
    force(monkeypatch, 5.0, 10.0)
    for partitions in (1, 4, 15):
        ranged = pipeline.describe(
            path, column="x", window=20, partitions=partitions, client=client
        )
        assert ranged == plain


def test_the_next_attempt_has_partitions_of_bounded_values():
    """What a stretch was full of tells how many values the others hold."""
    values = np.arange(1 << 20) / 8
    table = Sampled(np.tile(values, 4))
    met = planning.TooManyDistinctError((5.0,), 0.5)
    assert planning.again(table, met) == planning.MergePlan((5.0,), 2 * planning.FULL)


def test_an_invalid_cell_is_refused_with_ranges_too(tmp_path, client, monkeypatch):
    """The sentence is the same: the first such row of the file."""
    path = tmp_path / "bad.csv"
    path.write_text("x\n" + "1.5\n" * 50 + "s/d\n" + "2\n" * 50 + "s/d\n")
    with pytest.raises(pipeline.InputError) as plain:
        pipeline.describe(path, column="x", partitions=9, client=client)
    force(monkeypatch, 1.7)
    with pytest.raises(pipeline.InputError) as ranged:
        pipeline.describe(path, column="x", partitions=9, client=client)
    assert str(ranged.value) == str(plain.value)


@dataclass
class Sampled:
    """A table whose positions are rows, each of one byte."""

    column: np.ndarray
    begin: int = 0

    @property
    def end(self):
        return self.column.size

    def nbytes(self, partition):
        return partition.stop - partition.start

    def read(self, partition):
        self.part = self.column[partition.start : partition.stop]
        return self

    def batches(self):
        yield self.part


def test_the_survey_tells_few_values_from_many(monkeypatch):
    """Distinct values are cut into ranges of like size, repeated ones are not."""
    monkeypatch.setattr(planning, "_SMALL", 0)
    monkeypatch.setattr(planning, "FEW", 1 << 14)
    monkeypatch.setattr(planning, "RANGE", 1 << 14)
    distinct = np.random.default_rng(0).permutation(1 << 20) / 8
    plan = planning.survey(Sampled(distinct), 2)
    sizes = [part.distinct for part in Multiset.of(distinct).cut(plan.edges)]
    assert len(sizes) == 64
    assert max(sizes) < 2 * planning.RANGE
    assert plan.blocksize == planning.FULL
    assert planning.survey(Sampled(np.floor(distinct) % 1000), 2) == planning.MergePlan()
    monkeypatch.setattr(planning, "_SMALL", 1 << 21)
    assert planning.survey(Sampled(distinct), 2) == planning.MergePlan()


@pytest.mark.parametrize(("cores", "ranges"), [(1, 2), (2, 2), (3, 3), (8, 4)])
def test_some_values_are_cut_for_the_cores_that_merge_them(cores, ranges, monkeypatch):
    """A range for each core, if that leaves it enough; partitions stay as large as usual."""
    monkeypatch.setattr(planning, "_SMALL", 0)
    monkeypatch.setattr(planning, "SOME", 1 << 18)
    plan = planning.survey(Sampled(np.random.default_rng(0).permutation(1 << 20) / 8), cores)
    assert len(plan.edges) + 1 == ranges
    assert plan.blocksize is None


def test_the_survey_is_not_fooled_by_a_period(monkeypatch):
    """Values that come back as often as pieces are looked at are not taken for few."""
    monkeypatch.setattr(planning, "_SMALL", 0)
    period = np.random.default_rng(0).permutation(1 << 20) / 8
    table = Sampled(np.tile(period, 64))
    values = np.concatenate(
        [table.column[p.start : p.stop] for p in planning._pieces(table, 1 << 10)]
    )
    assert planning.estimate(values, 1024) > period.size / 2


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
