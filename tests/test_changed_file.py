"""A file that changes while it is read is refused, whatever keeps looking the same."""

from __future__ import annotations

import os
from contextlib import nullcontext
from dataclasses import dataclass, replace
from io import BytesIO
from time import monotonic
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline import InputError
from pipeline.convert import Conversion, convert
from pipeline.engine.observer import Observer
from pipeline.formats.csv.cells import CsvCells
from pipeline.formats.csv.table import CsvTable
from pipeline.formats.open import open_table
from pipeline.formats.partition import Partition
from pipeline.formats.partition import cut as split
from pipeline.formats.query import Query
from pipeline.formats.read_options import ReadOptions
from pipeline.partitions.cutting import Partitioning
from pipeline.request import Request
from pipeline.run import run
from pipeline.statistics.options import StatisticsOptions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.formats.table import Cells, Table

ROWS = 600
LIMIT = 10
"""Seconds in which the file system's clock ticks, by far."""


def write(path: Path, value: float) -> None:
    """Write a file in which each cell is `value`: as long for every value of as many digits."""
    if path.suffix == ".csv":
        path.write_text("x\n" + f"{value}\n" * ROWS)
    else:
        table = pa.table({"x": [value] * ROWS})
        pq.write_table(table, path, row_group_size=20, use_dictionary=False, compression=None)


def overwrite(path: Path) -> None:
    """Write other values in place, as many bytes."""
    other = path.with_name(f"other{path.suffix}")
    write(other, 7.25)
    with path.open("r+b") as file:
        file.write(other.read_bytes())
    other.unlink()


def overwrite_and_set_time_back(path: Path) -> None:
    """Write in place, and hide it as well as the owner of a file can."""
    status = path.stat()
    overwrite(path)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def rename_over(path: Path) -> None:
    """Put another file of the same size and time under the name."""
    status = path.stat()
    other = path.with_name(f"other{path.suffix}")
    write(other, 7.25)
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(path)


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"7.25\n")


def cut_off(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def touch(path: Path) -> None:
    os.utime(path)


CHANGES = [overwrite, overwrite_and_set_time_back, rename_over, grow, cut_off, touch]
CHANGES = [*CHANGES, lambda path: path.unlink()]
NAMES = ["overwritten", "time set back", "renamed over", "grown", "cut off", "touched", "deleted"]
changes = pytest.mark.parametrize("change", CHANGES, ids=NAMES)
suffixes = pytest.mark.parametrize("suffix", [".csv", ".parquet"])
counts = pytest.mark.parametrize("partitions", [1, 3, 30])


def at_a_later_tick(path: Path, change: Callable[[Path], None]) -> None:
    """Change the file, and again if its change time is still the one before."""
    before, ends = path.stat().st_ctime_ns, monotonic() + LIMIT
    change(path)
    while path.exists() and path.stat().st_ctime_ns == before:
        assert monotonic() < ends
        change(path)


@pytest.fixture
def path(suffix: str, tmp_path: Path) -> Path:
    path = tmp_path / f"data{suffix}"
    write(path, 1.25)
    return path


def cells_of(table: Table, part: Partition) -> Cells:
    """Return the cells of a partition, which come in more than one batch."""
    if isinstance(table, CsvTable):
        return CsvCells(table.spec, part, block_bytes=40, batch_values=4)
    return table.read(part)


def read_all(table: Table, partitions: int, change: Callable[[], None], *, within: bool) -> None:
    """Read all partitions; change the file `within` the first of them, or after it."""
    changed = False
    for part in split(table.begin, table.end, partitions):
        for _ in cells_of(table, part).batches():
            if within and not changed:
                changed = True
                change()
        if not changed:
            changed = True
            change()
    table.verify()


@suffixes
@changes
@counts
@pytest.mark.parametrize("within", [True, False], ids=["within", "after"])
def test_a_change_while_a_partition_is_read_or_after_it(
    path, change, partitions, within, record_property
):
    """Between two batches, between two partitions, or before the last look: never unnoticed."""
    table, _ = open_table(path, ReadOptions("x"))
    with pytest.raises(InputError) as caught:
        read_all(table, partitions, lambda: at_a_later_tick(path, change), within=within)
    sentence = str(caught.value)
    record_property("seen", sentence)
    assert sentence.startswith(f"{path} ")
    assert "changed while it was read (" in sentence or "was it removed" in sentence
    assert "\n" not in sentence


@suffixes
@changes
def test_the_partition_itself_finds_a_change(path, change):
    """The node that reads need not wait for the end of the run."""
    table, _ = open_table(path, ReadOptions("x"))
    batches = cells_of(table, Partition(table.begin, table.end, certain=True)).batches()
    next(batches)
    at_a_later_tick(path, change)
    with pytest.raises(InputError, match="changed while it was read"):
        list(batches)


@suffixes
@counts
def test_reading_and_looking_are_no_changes(path, partitions):
    """The access time does not count."""
    table, _ = open_table(path, ReadOptions("x"))

    def access() -> None:
        path.read_bytes()
        path.stat()

    read_all(table, partitions, access, within=True)


@suffixes
@pytest.mark.parametrize("change", [overwrite_and_set_time_back, rename_over])
def test_a_copy_that_a_node_sees_may_differ_in_inode_but_not_change(path, change):
    """As on a cluster that is used from a machine with a file of its own under the path."""
    table, _ = open_table(path, ReadOptions("x"))
    part = Partition(table.begin, table.end, certain=True)
    elsewhere = replace(source_of(table), status=replace(source_of(table).status, inode=1))
    table = with_source(table, elsewhere)
    for _ in range(2):
        assert sum(len(batch) for batch in table.read(part).batches()) == ROWS
    at_a_later_tick(path, change)
    with pytest.raises(InputError, match="changed while it was read"):
        list(table.read(part).batches())


def source_of(table):
    return table.spec.source if isinstance(table, CsvTable) else table.source


def with_source(table, source):
    if isinstance(table, CsvTable):
        return replace(table, spec=replace(table.spec, source=source))
    return replace(table, source=source)


class Changing(Observer):
    """Changes the file when the run starts, or when a first partition was converted."""

    def __init__(self, path: Path, change: Callable[[Path], None], *, late: bool) -> None:
        """Make one that changes the file at `path`, `late` or at once."""
        self._path, self._change, self._late = path, change, late

    def start(self, *_args: object, **_named: object) -> None:
        if not self._late:
            at_a_later_tick(self._path, self._change)

    def done(self, *_args: object, **_named: object) -> None:
        if self._late:
            self._late = False
            at_a_later_tick(self._path, self._change)


@suffixes
@counts
@pytest.mark.parametrize("change", [overwrite_and_set_time_back, rename_over, cut_off])
def test_a_run_gives_no_result_of_a_file_that_changed(path, change, partitions, client):
    """Also where each partition finds the same file from its first byte to its last."""
    options = StatisticsOptions()
    request = Request((path,), Query(("x",)), ReadOptions(), Partitioning(partitions), options)
    observer = Changing(path, change, late=False)
    with pytest.raises(InputError, match="changed while it was read"):
        run(request, lambda: nullcontext(client), observer)


@pytest.mark.parametrize("suffix", [".csv"])
@counts
@pytest.mark.parametrize("change", [overwrite_and_set_time_back, rename_over])
def test_a_conversion_writes_nothing_of_a_file_that_changed(path, change, partitions, client):
    """What was there under the target's name is untouched."""
    target = path.with_name("target.parquet")
    target.write_text("before")
    cut = Partitioning(partitions)
    conversion = Conversion(path, target, ReadOptions("x"), ("x",), ("x",), cut)
    with pytest.raises(InputError, match="changed while it was read"):
        convert(conversion, lambda: nullcontext(client), Changing(path, change, late=True))
    assert target.read_text() == "before"
    assert {file.name for file in path.parent.iterdir()} == {path.name, target.name}


def test_a_file_whose_folder_is_a_file_now(tmp_path):
    """What the system says is in the sentence."""
    folder = tmp_path / "folder"
    folder.mkdir()
    write(folder / "x.csv", 1.25)
    table, _ = open_table(folder / "x.csv", ReadOptions("x"))
    (folder / "x.csv").unlink()
    folder.rmdir()
    folder.write_text("")
    with pytest.raises(InputError, match="cannot be opened again: Not a directory"):
        table.verify()
    with pytest.raises(InputError, match="cannot be read: Not a directory; may this user read"):
        open_table(folder / "x.csv", ReadOptions("x"))


def test_what_is_known_of_copies_is_bounded(tmp_path, monkeypatch):
    """A worker lives for months, and sees many files."""
    known: dict[int, object] = {}
    monkeypatch.setattr("pipeline.formats.file._copies", known)
    monkeypatch.setattr("pipeline.formats.file._MOST_COPIES", 3)
    for number in range(9):
        path = tmp_path / f"{number}.csv"
        write(path, 1.25)
        table, _ = open_table(path, ReadOptions("x"))
        elsewhere = replace(source_of(table), status=replace(source_of(table).status, inode=1))
        elsewhere.compare()
    assert len(known) == 3


def test_a_file_that_ends_before_a_partition_begins(tmp_path):
    """It was cut off between the look at its size and the first byte that is read."""
    path = tmp_path / "x.csv"
    write(path, 1.25)
    table, _ = open_table(path, ReadOptions("x"))
    cut = with_source(table, CutOff(path, table.size))
    with pytest.raises(InputError, match=r"changed while it was read \(it is cut off\)"):
        list(cut.read(Partition(100, 200, certain=False)).batches())


@dataclass(frozen=True)
class CutOff:
    """A file that has lost its bytes."""

    path: Path
    text_size: int

    def reading(self) -> Any:
        return nullcontext(BytesIO())
