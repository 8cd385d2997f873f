"""A Parquet file gives the results of the CSV file that it was made from."""

from __future__ import annotations

import errno
import io
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import pipeline
from pipeline.engine.connect import connect
from pipeline.formats.parquet_footer import read_batches, reader_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from distributed import Client

ROWS = 1000
GROUP = 70


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with connect(workers=2) as client:
        yield client


@pytest.fixture(scope="module")
def values() -> list[float | None]:
    """Numbers with ties, gaps and one that is wanted as missing."""
    random = np.random.default_rng(5)
    numbers = random.normal(20, 5, ROWS).round(1).tolist()
    return [None if i % 11 == 0 else -999.0 if i % 97 == 0 else x for i, x in enumerate(numbers)]


@pytest.fixture(scope="module")
def csv_file(values: list[float | None], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("csv") / "data.csv"
    cells = ["" if value is None else repr(value) for value in values]
    path.write_text("id,x\n" + "".join(f"{i},{cell}\n" for i, cell in enumerate(cells)))
    return path


def parquet(path: Path, column: Any, **options: Any) -> Path:
    path = path / "data.parquet"
    pq.write_table(pa.table({"id": range(len(column)), "x": column}), path, **options)
    return path


def statistics(path: Path, client: Client, **options: Any) -> dict[str, Any]:
    result = pipeline.describe(path, column="x", window=20, client=client, **options)
    found: dict[str, Any] = json.loads(result.to_json())
    del found["source"]
    return found


@pytest.mark.parametrize("missing", [(), ("-999", "s/d")])
def test_the_results_are_those_of_the_csv_file(missing, values, csv_file, client, tmp_path):
    """Whatever the partitions, of which there may be more than row groups."""
    path = parquet(tmp_path, values, row_group_size=GROUP)
    wanted = statistics(csv_file, client, missing=missing)
    for partitions in (None, 1, 2, 7, 100):
        assert statistics(path, client, partitions=partitions, missing=missing) == wanted


@pytest.mark.parametrize(
    "kind", [pa.float32(), pa.float16(), pa.int8(), pa.uint32(), pa.int64(), pa.uint64()]
)
def test_numbers_of_any_type_are_read_when_float64_holds_them(kind, client, tmp_path):
    """Smaller floats and integers are exact in a float64."""
    numbers = [1, None, 3, 100]
    found = statistics(parquet(tmp_path, pa.array(numbers, kind)), client)
    assert (found["count"], found["missing"], found["max"]) == (3, 1, 100.0)
    assert found["mean"] == 104 / 3


def test_nan_is_missing(client, tmp_path):
    """Many programs write a missing number as NaN."""
    found = statistics(parquet(tmp_path, [1.0, float("nan"), None]), client)
    assert (found["count"], found["missing"], found["invalid"]) == (1, 2, 0)


def test_infinity_is_invalid(client, tmp_path):
    """An infinite cell stops the run, which says where it is; or it is skipped and counted."""
    numbers = [1.0] * 100
    numbers[81] = float("-inf")
    path = parquet(tmp_path, numbers, row_group_size=GROUP)
    with pytest.raises(pipeline.InputError, match=r"row group 2 has -inf in column 'x', row 82"):
        statistics(path, client)
    found = statistics(path, client, on_invalid="skip")
    assert (found["count"], found["missing"], found["invalid"]) == (99, 0, 1)


@pytest.mark.parametrize(
    ("column", "sentence"),
    [
        (["1.5", "2"], "has string in column 'x', not numbers"),
        ([True, False], "has bool in column 'x', not numbers"),
        ([[1.0], [2.0]], "in column 'x', not numbers"),
        ([1, 2**53 + 1], "row group 1 cannot be read as float64: Integer value 9007199254740993"),
    ],
)
def test_what_float64_cannot_hold_is_refused(column, sentence, client, tmp_path):
    """Text, truth values, lists, and integers beyond 2**53."""
    with pytest.raises(pipeline.InputError, match=sentence):
        statistics(parquet(tmp_path, column), client)


@pytest.mark.parametrize(
    "option", [{"header": False}, {"delimiter": ";"}, {"encoding": "latin-1"}, {"skip_lines": 1}]
)
def test_options_of_csv_files_are_refused(option, client, tmp_path):
    """An option that cannot have an effect is a misunderstanding."""
    with pytest.raises(pipeline.InputError, match="is read as Parquet, where --"):
        statistics(parquet(tmp_path, [1.0]), client, **option)


@pytest.mark.parametrize("kept", [0, 3, 100, -1])
def test_a_file_that_is_cut_off_is_refused(kept, client, tmp_path):
    """Its footer is missing, and with it everything that says what the bytes are."""
    path = parquet(tmp_path, [1.0] * 100)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(pipeline.InputError, match="is no Parquet file, or is cut off"):
        statistics(path, client)


def test_a_damaged_page_is_refused(client, tmp_path):
    """Where the writer left checksums, a changed byte does not pass."""
    path = parquet(
        tmp_path, [float(i) for i in range(100)], write_page_checksum=True, use_dictionary=False
    )
    chunk = pq.read_metadata(path).row_group(0).column(1)
    data = bytearray(path.read_bytes())
    data[chunk.data_page_offset + chunk.total_compressed_size // 4] ^= 1
    path.write_bytes(data)
    with pytest.raises(pipeline.InputError, match="row group 1 cannot be read"):
        statistics(path, client)


def test_nor_is_it_taken_by_groups(client, tmp_path):
    """The sentence is that of a column alone."""
    path = parquet(tmp_path, pa.array([1, 2**53 + 1]))
    with pytest.raises(pipeline.InputError, match="row group 1 cannot be read as float64"):
        pipeline.describe(path, column="x", by="x", client=client)


def test_a_column_that_is_there_twice_is_refused(client, tmp_path):
    """No name tells two columns of one name apart."""
    path = tmp_path / "data.parquet"
    pq.write_table(pa.table([[1.0], [2.0]], names=["x", "x"]), path)
    with pytest.raises(pipeline.InputError, match="has 2 columns 'x', number 1 and 2; rename one"):
        statistics(path, client)


def test_an_absent_file_is_refused(client, tmp_path):
    """The sentence names the command that makes one."""
    with pytest.raises(pipeline.InputError, match=r"is not there; .*pipeline\.convert"):
        statistics(tmp_path / "data.parquet", client)


def test_pyarrow_is_imported_only_for_parquet(csv_file):
    """A run over a CSV file does not wait for it."""
    program = (
        "import sys, pipeline; from pipeline.formats.read_options import ReadOptions\n"
        "from pipeline.formats.open import open_table; from pathlib import Path\n"
        f"open_table(Path({str(csv_file)!r}), ReadOptions('x')); print('pyarrow' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True
    )
    assert run.stdout == "False\n"


KEYS = ["a ", " a", "\ta\t ", "b", None, ""]


def test_keys_have_no_blanks_around_them(client, tmp_path):
    """As in a CSV file; null is the empty key, and -999 missing where it is said to be."""
    path = tmp_path / "keys.parquet"
    values = [1.0, 2.0, 3.0, -999.0, 5.0, 6.0]
    pq.write_table(pa.table({"Key": KEYS, "x": values, "void": [None] * 6}), path)
    with pytest.warns(UserWarning, match="column 'Key' taken for 'key'"):
        result = pipeline.describe(path, column="x", by="key", missing=[-999], client=client)
    found = {key: (one.count, one.missing) for key, one in result.groups.items()}
    assert found == {"a": (3, 0), "b": (0, 1), "": (2, 0)}
    result = pipeline.describe(path, column="x", by="void", client=client)
    assert list(result.groups) == [""]


def test_groups_refuse_what_a_column_alone_refuses(client, tmp_path):
    """Infinity by its row, texts, a name that is there twice, rows that a footer lies about."""
    path = tmp_path / "data.parquet"
    pq.write_table(pa.table({"key": KEYS, "x": [1.0] * 5 + [float("inf")]}), path, row_group_size=2)
    with pytest.raises(pipeline.InputError, match=r"row group 3 \(row 6 of the file\) has inf in"):
        pipeline.describe(path, column="x", by="key", client=client)
    with pytest.raises(pipeline.InputError, match="has string in column 'key', not numbers"):
        pipeline.describe(path, column="key", by="x", client=client)
    pq.write_table(pa.table([[1.0], [2.0], ["a"]], names=["x", "x", "key"]), path)
    for column in ("x", 1):
        with pytest.raises(pipeline.InputError, match="has 2 columns 'x'"):
            pipeline.describe(path, column=column, by="key", client=client)


@pytest.mark.parametrize("by", [(), "x"], ids=["alone", "groups"])
def test_a_row_group_of_another_length_than_promised_is_refused(by, client, tmp_path, monkeypatch):
    """A column chunk with fewer rows than the footer says."""
    path = parquet(tmp_path, [1.0] * 9)
    for module in ("parquet", "parquet_fields"):
        monkeypatch.setattr(
            f"pipeline.formats.{module}.read_batches",
            lambda *asked: (batch[:7] for batch in read_batches(*asked)),
        )
    with pytest.raises(pipeline.InputError, match="row group 1 has 7 rows, not 9 as its footer"):
        pipeline.describe(path, column="x", by=by, client=client)


@pytest.mark.parametrize("by", [(), "x"], ids=["alone", "groups"])
def test_an_error_of_the_disk_is_no_damage(by, client, tmp_path, monkeypatch):
    """It names the node and what the system says."""
    path = parquet(tmp_path, [1.0] * 9)

    def fail(*_: object) -> Any:
        raise OSError(errno.EIO, "Input/output error", str(path))

    for module in ("parquet", "parquet_fields"):
        monkeypatch.setattr(f"pipeline.formats.{module}.read_batches", fail)
    with pytest.raises(pipeline.InputError, match=f"cannot read {path}: Input/output error"):
        pipeline.describe(path, column="x", by=by, client=client)


def test_a_footer_on_a_failing_disk(tmp_path):
    """The system's error comes through pyarrow."""
    path = parquet(tmp_path, [1.0])

    class Failing(io.FileIO):
        def read(self, *_: int) -> bytes:
            raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(OSError, match="Input/output error"):
        reader_of(path, Failing(path))
