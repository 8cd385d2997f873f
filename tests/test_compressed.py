"""A compressed file gives the results of the file that is in it, or is refused."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import threading
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

import pipeline
from pipeline.convert import _from_front_to_back
from pipeline.engine.connect import connect
from pipeline.errors import InputError
from pipeline.formats.compressed.ahead import Ahead
from pipeline.formats.compressed.table import CompressedTable
from pipeline.formats.csv.open import open_csv_columns
from pipeline.formats.csv.rows import Selection
from pipeline.formats.csv.windows import all_rows
from pipeline.formats.open import open_files, open_table
from pipeline.formats.partition import Partition
from pipeline.formats.query import Key, Query
from pipeline.formats.read_options import ReadOptions
from pipeline.partitions.grouped_rows import GroupedRows
from pipeline.partitions.reading import read
from pipeline.partitions.segment import Job
from pipeline.statistics.options import StatisticsOptions
from tests.packed import COMPRESS, PACKED, ROWS, TEXT, WANTED, read_all, text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from distributed import Client


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with connect(workers=2) as client:
        yield client


def statistics(path: Path, client: Client, **options: Any) -> dict[str, Any]:
    result = pipeline.describe(path, column="x", window=20, client=client, **options)
    found: dict[str, Any] = json.loads(result.to_json())
    del found["source"]
    return found


@pytest.mark.parametrize("kind", COMPRESS)
def test_the_results_are_those_of_the_file_inside(kind, client, place):
    """Whatever it is called, and into however many partitions it shall be cut."""
    wanted = statistics(place(TEXT, "data.csv"), client)
    packed = place(PACKED[kind], f"data.csv.{kind}")
    for partitions in (None, 1, 7):
        assert statistics(packed, client, partitions=partitions) == wanted
    assert statistics(place(PACKED[kind], "other.csv"), client) == wanted


@pytest.mark.parametrize("kind", COMPRESS)
def test_a_run_by_groups_writes_the_same_bytes(kind, place, tmp_path):
    """Of several files, some compressed, with a condition, group by group."""
    written = []
    for packed in (False, True):
        name = f"b.csv.{kind}" if packed else "b.csv"
        files = [place(TEXT, "a.csv"), place(PACKED[kind] if packed else TEXT, name)]
        out = tmp_path / f"out{packed}"
        subprocess.run(
            [
                *(sys.executable, "-m", "pipeline.run", *files, "--column", "x", "--quiet"),
                *("--by", "station", "--where", "station!=3", "--output", out),
            ],
            check=True,
        )
        result = (out / "results.json").read_text().replace(name, "b.csv")
        sizes = sum(file.stat().st_size for file in files)
        groups = {f.name: f.read_bytes() for f in out.iterdir() if f.suffix == ".csv"}
        written.append((result.replace(str(sizes), "SIZE"), groups))
    assert written[0] == written[1]
    assert "SIZE" in written[0][0]


@pytest.mark.parametrize("kind", ["gz", "zst", "bz2", "xz"])
@given(cuts=st.lists(st.integers(0, len(TEXT)), max_size=4), zeros=st.integers(0, 9))
def test_streams_one_after_the_other_are_one_text(kind, cuts, zeros, tmp_path_factory):
    """Empty ones too, and zeros behind the last."""
    bounds = [0, *sorted(cuts), len(TEXT)]
    parts = [TEXT[low:high] for low, high in pairwise(bounds)]
    path = tmp_path_factory.getbasetemp() / f"parts.{kind}"
    path.write_bytes(b"".join(COMPRESS[kind](part) for part in parts) + bytes(zeros))
    assert read_all(path) == WANTED


def test_a_row_is_named_by_its_place_in_the_text(client, place):
    """As in the plain file, in the second of two files, too."""
    wrong = TEXT + b"1,abc,note\n" + TEXT.split(b"\n", 1)[1]
    path = place(gzip.compress(wrong), "data.csv.gz")
    place_in_text = rf"data.csv.gz: line {ROWS + 2} \(byte {len(TEXT)}\) has 'abc'"
    with pytest.raises(InputError, match=place_in_text):
        statistics(path, client)
    query = Query(("x",), by=(Key("station"),))
    table, _ = open_files([place(TEXT, "a.csv"), path], ReadOptions(), query)
    last = table.split(2)[-1]
    problem = read(Job(table, StatisticsOptions()), last).problem
    assert problem
    with pytest.raises(InputError, match=place_in_text):
        raise InputError(table.sentence(problem))


@pytest.mark.parametrize("end", [b"x", b"x\n", b"x\r\n"])
def test_a_header_alone_is_a_table_without_rows(end, place):
    assert read_all(place(gzip.compress(end), "data.gz"))["values"] == []


def test_what_is_not_protected_is_said(place):
    """The user hears of one worker, and of zstd without a checksum."""
    path = place(zstd.compress(TEXT), "data.csv.zst")
    table, notices = open_table(path, ReadOptions(column="x"))
    assert isinstance(table, CompressedTable)
    assert "pipeline.convert" in notices[-2]
    assert "no checksum" in notices[-1]


def test_blocks_wait_in_bounded_memory():
    """The thread makes few blocks more than are read, and ends when nobody reads."""
    made = 0

    def blocks() -> Iterator[bytes]:
        nonlocal made
        while True:
            made += 1
            yield b"0123456789"

    before = threading.active_count()
    ahead = Ahead(blocks())
    assert ahead.read(25) == b"0123456789012345678901234"
    ahead.seek(38)
    assert ahead.read(4) == b"8901"
    with pytest.raises(ValueError, match="read once"):
        ahead.seek(0)
    ahead.close()
    assert made <= 5 + 5
    assert threading.active_count() == before


def test_an_error_comes_behind_what_was_made_before_it():
    def blocks() -> Iterator[bytes]:
        yield b"text"
        raise InputError("damaged")

    ahead = Ahead(blocks())
    assert ahead.read(4) == b"text"
    with pytest.raises(InputError, match="damaged"):
        ahead.read(1)
    ahead.close()


@pytest.mark.parametrize("key", ["station", "note"])
def test_groups_are_the_same_however_few_rows_are_kept(key, place):
    """A stream is one partition, of which cells are kept for some rows at a time."""
    path = place(gzip.compress(text(400_000), 1), "a.gz")
    table, _ = open_files([path], ReadOptions(), Query(("x",), by=(Key(key),)))
    found = []
    for most in (1, 200_000, 1 << 20):
        rows = table.rows(table.split(1)[0])
        grouped = GroupedRows(rows, 1, 20, most_rows=most)
        for batch in rows.batches():
            grouped.add(batch)
        total = grouped.total()
        column = total.columns[0]
        arrays = (total.firsts, column.counters, *column.entries, column.end_bounds, column.ends)
        found.append((total.keys.to_list(), [array.tolist() for array in arrays]))
    assert found[0] == found[1] == found[2]
    assert len(found[0][0]) == {"station": 7, "note": 400_000}[key]


@pytest.mark.parametrize("kind", COMPRESS)
def test_a_conversion_writes_the_same_bytes(kind, place, tmp_path):
    """Numbers and texts, as of the plain file."""
    outs = []
    for data, name in ((TEXT, "a.csv"), (PACKED[kind], f"a.csv.{kind}")):
        out = tmp_path / f"{name}.parquet"
        subprocess.run(
            [
                *(sys.executable, "-m", "pipeline.convert", place(data, name), out, "--quiet"),
                *("--columns", "x,note", "--numbers", "x"),
            ],
            check=True,
        )
        outs.append(out.read_bytes())
    assert outs[0] == outs[1]


@pytest.mark.parametrize("window", [7, 40, 1000, 1 << 20])
def test_rows_are_the_same_for_any_window(window, place):
    """Quoted lines that are longer than a window, and no line end behind the last row."""
    text = b'note,x\n"a\nb, c",1.5\n' + b'"' + b"long\n" * 300 + b'",2.5\nz,\nw,4'
    tables, _ = open_csv_columns(place(gzip.compress(text), "a.gz"), ReadOptions(), ["note", "x"])
    kept = Selection(tuple(table.spec for table in tables), (False, True))
    batches = list(all_rows(kept, tables[0].begin, window_bytes=window))
    rows = pa.concat_tables([batch.table for batch in batches])
    assert rows.column("x").to_pylist() == [1.5, 2.5, None, 4.0]
    assert rows.column("note").to_pylist() == ["a\nb, c", "long\n" * 300, "z", "w"]
    assert [batch.problem for batch in batches] == [None] * len(batches)


def test_a_conversion_refuses_what_a_run_refuses(place):
    """A row by its place in the text, and damage."""
    data = gzip.compress(TEXT + b"1,abc,note\n" + TEXT.split(b"\n", 1)[1])
    for packed, says in ((data, rf"line {ROWS + 2} .*'abc'"), (data[:-1], "is cut off")):
        tables, _ = open_csv_columns(place(packed, "a.gz"), ReadOptions(), ["x"])
        kept = Selection((tables[0].spec,), (True,))
        with pytest.raises(InputError, match=says):
            list(_from_front_to_back(tables[0], kept))


def test_streams_may_have_many_zeros_between_them(place):
    """As tapes leave them, up to the last bytes of what is read at a time."""
    packed = gzip.compress(TEXT)
    for size in (0, 1, 2, 3):
        zeros = bytes((2 << 17) - len(packed) - size)
        assert read_all(place(packed + zeros + gzip.compress(b""), "zeros.gz")) == WANTED


def test_a_part_of_a_compressed_file_is_no_table(place):
    """One stream is one task."""
    table, _ = open_table(place(gzip.compress(TEXT), "a.gz"), ReadOptions(column="x"))
    assert not table.divisible
    with pytest.raises(ValueError, match="is not the whole of"):
        table.rows(Partition(table.begin, table.begin + 1, certain=True))


def test_a_row_that_cannot_be_read_ends_the_rows(place):
    """The rest is decompressed all the same: where it is damaged, that is what is wrong."""
    text = b"x\nabc\n" + b"1\n" * 3_000
    tables, _ = open_csv_columns(place(gzip.compress(text), "a.gz"), ReadOptions(), ["x"])
    for spec in (tables[0].spec, replace(tables[0].spec, longest_row=50)):
        kept = Selection((spec,), (True,))
        (batch,) = all_rows(kept, tables[0].begin, window_bytes=40)
        assert batch.problem
