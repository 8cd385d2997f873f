"""A conversion keeps columns of a CSV file, row by row, whatever the partitions."""

from __future__ import annotations

import csv
import io
import json
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import pipeline
from pipeline.convert import Conversion, convert, main
from pipeline.engine.connect import connect
from pipeline.engine.observer import Observer
from pipeline.formats.csv.dialect import DialectOptions
from pipeline.formats.read_options import ReadOptions
from pipeline.partitions.cutting import Partitioning
from tests.files import FILES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from distributed import Client

GROUP_ROWS = 37
"""Files of a few rows have several row groups, too."""

DIRTY = b"id,x\n1,1.5\n2,s/d\n3\n4,\n5,2.5,9\n6,-999\n7,inf\n8,3.5\n"


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with connect(workers=2) as client:
        yield client


def converted(
    data: bytes, folder: Path, client: Client, partitions: int = 1, **options: Any
) -> Path:
    """Convert a CSV file with these bytes; return the path of the Parquet file."""
    source, target = folder / "data.csv", folder / f"{partitions}.parquet"
    source.write_bytes(data)
    columns = options.pop("columns", ("x",))
    dialect = DialectOptions(
        options.pop("delimiter", None), encoding=options.pop("encoding", "utf-8")
    )
    reading = ReadOptions(columns[0], dialect=dialect, **options)
    numbers = tuple(name for name in columns if name.casefold() in ("x", "valorobservado"))
    cut = Partitioning(partitions)
    conversion = Conversion(source, target, reading, columns, numbers, cut, GROUP_ROWS)
    convert(conversion, lambda: nullcontext(client), Observer())
    return target


def statistics(path: Path, client: Client, **options: Any) -> dict[str, Any]:
    result = pipeline.describe(path, window=20, client=client, **options)
    found: dict[str, Any] = json.loads(result.to_json())
    del found["source"]
    return found


def records(data: bytes) -> list[list[str]]:
    """Return the rows of a CSV file as the standard library's reader finds them."""
    text = io.StringIO(data.decode("utf-8-sig"), newline="")
    return [row for row in csv.reader(text) if row]


@pytest.mark.parametrize("name", FILES)
def test_the_file_is_the_same_bytes_whatever_the_partitions(name, client, tmp_path):
    """It has all rows of all columns in order, and gives the results of the CSV file."""
    file = FILES[name]
    header, *rows = records(file.data)
    once = converted(file.data, tmp_path, client, columns=tuple(header))
    for partitions in (2, 7, 200):
        again = converted(file.data, tmp_path, client, partitions, columns=tuple(header))
        assert again.read_bytes() == once.read_bytes()
    number = [column.casefold() for column in header].index(file.options["column"].casefold())
    table = pq.read_table(once)
    assert table.num_rows == len(rows)
    assert pq.read_metadata(once).num_row_groups == -(-len(rows) // GROUP_ROWS)
    for i, column in enumerate(header):
        if i != number:
            assert table[column].to_pylist() == [row[i] for row in rows]
    assert statistics(once, client, **file.options) == statistics(
        tmp_path / "data.csv", client, **file.options
    )


def test_a_missing_number_is_null(client, tmp_path):
    """And so is a number that stands for a missing one."""
    path = converted(b"x,y\n1,\n,b\nNA,c\n-999,d\n2,e\n", tmp_path, client, missing=("-999",))
    assert pq.read_table(path)["x"].to_pylist() == [1.0, None, None, None, 2.0]


@pytest.mark.parametrize("partitions", [1, 3, 40])
def test_an_invalid_cell_is_refused_with_the_sentence_of_a_run(partitions, client, tmp_path):
    """File, line, byte, column and text; and nothing is written."""
    with pytest.raises(pipeline.InputError) as of_convert:
        converted(DIRTY, tmp_path, client, partitions)
    with pytest.raises(pipeline.InputError) as of_run:
        statistics(tmp_path / "data.csv", client, column="x", partitions=partitions)
    assert str(of_convert.value) == str(of_run.value)
    assert [path.name for path in tmp_path.iterdir()] == ["data.csv"]


@pytest.mark.parametrize("partitions", [1, 3, 40])
def test_what_was_skipped_is_still_invalid(partitions, client, tmp_path):
    """A run over the Parquet file stops at it, or skips and counts it, as over the CSV file."""
    path = converted(DIRTY, tmp_path, client, partitions, columns=("id", "x"), on_invalid="skip")
    table = pq.read_table(path).to_pydict()
    inf = float("inf")
    assert table["x"] == [1.5, inf, -inf, None, -inf, -999.0, inf, 3.5]
    assert table["id"] == ["1", "2", None, "4", None, "6", "7", "8"]
    with pytest.raises(pipeline.InputError, match="row 2 of the file, which is no finite number"):
        statistics(path, client, column="x")
    assert statistics(path, client, column="x", on_invalid="skip") == statistics(
        tmp_path / "data.csv", client, column="x", on_invalid="skip"
    )


def test_text_is_decoded(client, tmp_path):
    """Parquet holds UTF-8, whatever the encoding of the CSV file."""
    data = "x,y\n1,MONTERÍA\n2,NARIÑO\n".encode("latin-1")
    path = converted(data, tmp_path, client, 2, columns=("x", "y"), encoding="latin-1")
    assert pq.read_table(path)["y"].to_pylist() == ["MONTERÍA", "NARIÑO"]
    with pytest.raises(pipeline.InputError, match=r"line 2 \(byte 4\) holds bytes that are not u"):
        converted(data, tmp_path, client, 2, columns=("x", "y"))
    split = "x,y\n1,É\n2,é\n".encode().replace(b"\xc3\x89\n2,\xc3", b"\xc3\n2,\x89\xc3")
    with pytest.raises(pipeline.InputError, match=r"line 2 \(byte 4\) holds bytes that are not u"):
        converted(split, tmp_path, client, columns=("x", "y"))
    whole = converted("x,y\n1,É\n2,\n3,é\n".encode(), tmp_path, client, columns=("x", "y"))
    assert pq.read_table(whole)["y"].to_pylist() == ["É", "", "é"]


def test_a_row_longer_than_the_blocks_of_the_reader_is_whole(client, tmp_path):
    """A text may have several megabytes."""
    text = "ab\n" * 1_000_000
    rows = "".join(f'{i},"{text if i == 150 else "c"}"\n' for i in range(300))
    path = converted(f"x,y\n{rows}".encode(), tmp_path, client, 3, columns=("x", "y"))
    assert [len(cell) for cell in pq.read_table(path)["y"].to_pylist()] == (
        [1] * 150 + [len(text)] + [1] * 149
    )


def test_a_mark_within_the_file_is_text(client, tmp_path):
    """Only at the very beginning does a UTF-8 mark mean the encoding."""
    data = "\ufeffy,x\n\ufeffa,1\n\ufeffb,2\n".encode()
    for partitions in (1, 2, 20):
        path = converted(data, tmp_path, client, partitions, columns=("y", "x"))
        assert pq.read_table(path)["y"].to_pylist() == ["\ufeffa", "\ufeffb"]


@pytest.mark.parametrize("partitions", [1, 3])
def test_text_is_kept_as_it_stands(partitions, client, tmp_path):
    """Outer blanks, a carriage return, quotes within and what follows them; rows that are short."""
    data = b'x,y\n1, a \n2,a\rb\n3,"a"",\n"\n4\n5,"a"b"c\n6,a"b\n7,""\n8,\n9, "d"\n'
    options = {"on_invalid": "skip", "delimiter": ","}
    path = converted(data, tmp_path, client, partitions, columns=("x", "y"), **options)
    table = pq.read_table(path).to_pydict()
    assert table["x"] == [1.0, 2.0, 3.0, -float("inf"), 5.0, 6.0, 7.0, 8.0, 9.0]
    assert table["y"] == [" a ", "a\rb", 'a",\n', None, 'ab"c', 'a"b', "", "", ' "d"']


def test_quotes_do_not_shift_the_fields_behind_them(client, tmp_path):
    """Not even in a row with a quote where none should be, which is read with care."""
    data = b'n,k,x\na"b,"x"",y",1.5\nc,"z"",y",2.5\n'
    path = converted(data, tmp_path, client, columns=("n", "k", "x"))
    table = pq.read_table(path).to_pydict()
    assert table == {"n": ['a"b', "c"], "k": ['x",y', 'z",y'], "x": [1.5, 2.5]}
    found = pipeline.describe(tmp_path / "data.csv", column="x", by=["k", "n"], client=client)
    assert {key: one.mean for key, one in found.groups.items()} == {
        ('x",y', 'a"b'): 1.5,
        ('z",y', "c"): 2.5,
    }


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["data.csv", "out.csv"], 1, "out.csv must end with .parquet"),
        (["data.parquet", "out.parquet"], 1, "data.parquet is a Parquet file already"),
        (["data.csv", "out.parquet"], 1, "has no column 'ValorObservado'; it has 'x', 'y'"),
        (["data.csv", "out.parquet", "--columns", "x"], 1, "say which one holds them: --numbers"),
        (["data.csv", "out.parquet", "--columns", "x", "--numbers", "y"], 1, "none of --columns x"),
        (["data.csv", "out.parquet", "--columns", "x,X", "--numbers", "x"], 1, "names a column tw"),
        (["data.csv", "out.parquet", "--columns", "x,x"], 2, "list of different names"),
        (["data.csv", "out.parquet", "--columns", ""], 2, "list of different names"),
        (["data.csv", "no/out.parquet", "--columns", "x", "--numbers", "x"], 1, "cannot be writte"),
        (["none.csv", "out.parquet"], 1, "none.csv is not there"),
        ([".", "out.parquet"], 1, ". is a folder; name the file in it"),
    ],
)
def test_what_cannot_be_converted_is_refused(arguments, code, sentence, tmp_path, monkeypatch):
    """One sentence, the exit code of design, and no file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.csv").write_text("x,y\n1,a\n")
    run = CliRunner().invoke(main, [*arguments, "--workers", "1", "--quiet"])
    assert (run.exit_code, sentence in run.stderr) == (code, True), run.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["data.csv"]


def test_the_command_converts(client, tmp_path, monkeypatch):
    """Without a header, columns are named by their numbers, in both files."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.csv").write_text("a;1,5\nb;\nc;x\n")
    arguments = ["data.csv", "data.parquet", "--no-header", "--columns", "2,1", "--numbers", "2"]
    arguments += ["--decimal", ",", "--on-invalid", "skip", "--workers", "2"]
    run = CliRunner().invoke(main, arguments)
    assert run.exit_code == 0, run.stderr
    assert run.stdout.startswith("written: data.parquet (3 rows, ")
    assert "1 invalid cells are inf" in run.stderr
    found = statistics(tmp_path / "data.parquet", client, column="2", on_invalid="skip")
    assert (found["count"], found["missing"], found["invalid"], found["mean"]) == (1, 1, 1, 1.5)
