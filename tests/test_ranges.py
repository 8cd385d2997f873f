"""Cut into ranges of values or not: the result is the same, and no machine holds all values."""

from __future__ import annotations

from functools import partial

import dask
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from distributed import SchedulerPlugin
from hypothesis import given, settings
from hypothesis import strategies as st

import pipeline
from pipeline.engine.connect import borrow
from pipeline.engine.observer import Observer
from pipeline.formats.open import open_table
from pipeline.formats.query import Query
from pipeline.formats.read_options import ReadOptions
from pipeline.partitions.cutting import Partitioning
from pipeline.partitions.fold import fold
from pipeline.partitions.lanes import cut_segment, locate
from pipeline.partitions.planning import MergePlan, plan_merge
from pipeline.partitions.reading import read
from pipeline.partitions.segment import Job, Segment, stitch
from pipeline.request import Outcome, Request
from pipeline.run import run
from pipeline.statistics.divisions import Divisions
from pipeline.statistics.finish import finish, finish_from
from pipeline.statistics.multiset import Multiset
from pipeline.statistics.options import StatisticsOptions
from pipeline.statistics.percentiles import ranks
from pipeline.statistics.range_summary import RangeSummary
from pipeline.statistics.result import Source
from pipeline.statistics.sufficient import SufficientStatistics
from pipeline.statistics.summary import summarise
from tests import laws
from tests.clusters import local
from tests.files import FILES
from tests.strategies import ANY_FLOAT, SHORT_COLUMNS, partitioned

SOURCE = Source("test.csv", 0, "x", 3)
PERCENTILES = (0, 2.5, 10, 50, 99.9, 100)
DIVISIONS = st.lists(ANY_FLOAT, max_size=6, unique=True).map(sorted)


@pytest.fixture(scope="module")
def client():
    with local(2) as client:
        yield client


def segment(values: list[float]) -> Segment:
    return Segment(0, 1, 0, 1, summarise(np.array(values, float), 3), None, ())


@settings(max_examples=200)
@given(partitioned(SHORT_COLUMNS), DIVISIONS)
def test_merging_ranges_is_merging_segments(parts, divisions):
    """Cut and then merged is merged and then cut, for every range and the rest."""
    whole = segment([value for part in parts for value in part])
    lanes = zip(*(cut_segment(segment(part), divisions) for part in parts), strict=True)
    for merged, lane in zip(cut_segment(whole, divisions), lanes, strict=True):
        total = lane[0].summary
        for part in lane[1:]:
            total = total.merge(part.summary)
        assert laws.state(total) == laws.state(merged.summary)


@settings(max_examples=200)
@given(SHORT_COLUMNS, DIVISIONS)
def test_ranges_have_the_statistics_of_the_whole(values, divisions):
    """Aggregates of ranges add up, and ranks are found in the range where they lie."""
    whole = segment(values).summary
    rest, *ranges = (lane.summary for lane in cut_segment(segment(values), divisions))
    found = [part.aggregates() for part in ranges]
    total = found[0]
    for other in found[1:]:
        total = other.merge(total)
    wanted = ranks(len(values), PERCENTILES)
    order = [
        value
        for part, inside in zip(ranges, locate([one.count for one in found], wanted), strict=True)
        for value in part.select(inside)
    ]
    order = dict(zip(wanted, order, strict=True))
    statistics = SufficientStatistics(
        rest, total, order, PERCENTILES, SufficientStatistics.of(whole, PERCENTILES).deviation
    )
    assert repr(finish_from(statistics, SOURCE)) == repr(finish(whole, PERCENTILES, SOURCE))


def test_a_summary_and_its_ranges_tell_their_size():
    """Distinct values and bytes of the ranges add up to those of the whole."""
    rest, *ranges = (part.summary for part in cut_segment(segment([1, 2, 2, 3, 9]), [2.5]))
    whole = segment([1, 2, 2, 3, 9]).summary
    assert [part.distinct for part in (whole, rest, *ranges)] == [4, 0, 2, 2]
    assert rest.nbytes + sum(part.nbytes for part in ranges) == whole.nbytes
    assert {part.count for part in (whole, rest, *ranges)} == {5}


def test_divisions_cut_a_state_into_ranges_of_equal_size():
    """So a run that met too many values knows how to go on."""
    summary = segment([8.0, *range(8)]).summary
    divisions = summary.divisions(3)
    _, ranges = summary.cut(divisions)
    assert [part.distinct for part in ranges] == [3, 3, 3]
    assert ranges[0].divisions(3) == Divisions(((1.0, 2.0),))


def test_a_range_knows_where_its_neighbour_begins():
    """First positions count the values of all ranges, so the mode is the first in the file."""
    left, right = (cut_segment(segment(part), [5.0]) for part in ([9.0, 1.0, 9.0], [2.0, 9.0, 1.0]))
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


def outcome(path, client, partitions, *, column="x", plan=plan_merge, observer=None, **more):
    request = Request(
        (path,),
        Query((column,)),
        ReadOptions(),
        Partitioning(partitions),
        StatisticsOptions(20),
        **more,
    )
    return run(request, partial(borrow, client), observer or Observer(), plan)


def text(folder, name, partitions, client, **more):
    column = FILES[name].options["column"]
    return outcome(folder / name, client, partitions, column=column, **more).result.to_json()


def ranges(*divisions: float, distinct_limit: int | None = None):
    """Plan for these ranges of any table."""
    return lambda _table, _cores: MergePlan(Divisions((divisions,)), distinct_limit=distinct_limit)


@pytest.fixture(scope="module")
def unsplit(folder, client):
    return {name: text(folder, name, 1, client) for name in FILES}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("partitions", [1, 7, 64])
def test_ranges_do_not_change_the_result(name, partitions, folder, unsplit, client):
    """The same bytes with ranges, some of them empty, also where rows begin where none was seen."""
    plan = ranges(-1e9, 5.0, 20.0, 20.1)
    assert text(folder, name, partitions, client, plan=plan) == unsplit[name]


def test_wrong_guesses_are_repaired_in_every_range(folder, unsplit, client):
    """Quoted lines that a partition took for rows are read again."""
    name = "newlines in quotes"
    table, _ = open_table(folder / name, ReadOptions("x"))
    job = Job(table, StatisticsOptions(20))
    parts = Partitioning(64).of(table, 2)
    guessed = fold(stitch, [(read(job, part),) for part in parts], ())
    assert len(guessed) > 1, "no partition guesses wrong: nothing would be repaired"
    assert text(folder, name, 64, client, plan=ranges(10.0)) == unsplit[name]


class Recorder(Observer):
    """One who keeps the last notice, counts rows, and how often the run begins again."""

    notice_text = ""
    rows = 0
    starts = 0

    def notice(self, text):
        self.notice_text = text

    def done(self, leaf):
        self.rows += leaf.count

    def start(self, *_):
        self.rows = 0
        self.starts += 1


@pytest.mark.parametrize("divisions", [(), (20.0,)])
@pytest.mark.parametrize("partitions", [1, 7])
def test_a_run_that_meets_too_many_values_begins_again_in_ranges(
    partitions, divisions, folder, unsplit, client
):
    """Where the sample told of few values and a partition, or several, have many: same result.

    Rows of the first attempt are not counted in the second.
    """
    recorder, plan = Recorder(), ranges(*divisions, distinct_limit=50)
    found = outcome(folder / "one column", client, partitions, plan=plan, observer=recorder)
    assert found.result.to_json() == unsplit["one column"]
    assert recorder.starts == 2
    assert recorder.rows <= found.result.count
    assert "reading again in ranges" in recorder.notice_text


def test_ranges_travel_between_processes(folder, unsplit):
    """The same bytes from workers that share no memory."""
    with local(2, processes=True) as client:
        found = text(folder, "one column", 40, client, plan=ranges(5.0, 20.0))
    assert found == unsplit["one column"]


def test_partitions_have_their_own_statistics_with_ranges_too(folder, client):
    """Partials are those of a run without ranges."""
    plain, ranged = (
        outcome(folder / "one column", client, 7, plan=plan, partials=True)
        for plan in (plan_merge, ranges(5.0, 20.0))
    )
    assert isinstance(plain, Outcome)
    assert ranged == plain
    assert len(plain.partials) == 7


def test_a_parquet_file_is_cut_into_ranges_too(client, tmp_path):
    """The same bytes with ranges, from row groups."""
    path = tmp_path / "data.parquet"
    values = np.random.default_rng(1).normal(10, 5, 1000).round(3)
    pq.write_table(pa.table({"x": values}), path, row_group_size=70)
    plain = pipeline.describe(path, column="x", window=20, client=client)
    for partitions in (1, 4, 15):
        found = outcome(path, client, partitions, plan=ranges(5.0, 10.0))
        assert found.result == plain


def test_an_invalid_cell_is_refused_with_ranges_too(tmp_path, client):
    """The sentence is the same: the first such row of the file."""
    path = tmp_path / "bad.csv"
    path.write_text("x\n" + "1.5\n" * 50 + "s/d\n" + "2\n" * 50 + "s/d\n")
    sentences = []
    for plan in (plan_merge, ranges(1.7)):
        with pytest.raises(pipeline.InputError) as refused:
            outcome(path, client, 9, plan=plan)
        sentences.append(str(refused.value))
    assert sentences[0] == sentences[1]


class _Priorities(SchedulerPlugin):
    """Takes note of the user's priority of each kind of task."""

    def __init__(self) -> None:
        self.found: dict[str, set[int]] = {}

    def update_graph(self, scheduler, *, tasks, **_):
        for key in (key for key in tasks if isinstance(key, tuple)):
            kind = key[0].partition("-")[0]
            self.found.setdefault(kind, set()).add(-scheduler.tasks[key].priority[0])


@pytest.mark.parametrize("usual", [5, lambda _key: 5])
def test_parts_are_taken_out_before_anything_else_is_done(folder, client, usual):
    """What they are taken from would else stay in memory, or be spilled for each of them."""
    noted, scheduler = _Priorities(), client.cluster.scheduler
    scheduler.add_plugin(noted, name="noted")
    with dask.annotate(priority=usual):
        text(folder, next(iter(FILES)), 20, client, plan=ranges(0.0))
    scheduler.remove_plugin("noted")
    assert noted.found == {"summarise": {5}, "split": {5}, "lane": {6}, "merge": {5}}
