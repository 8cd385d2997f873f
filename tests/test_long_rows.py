"""How long a row may be is a matter of the row, never of where the file is cut."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline.formats.csv.cells import CsvCells
from pipeline.formats.csv.open import open_csv
from pipeline.formats.partition import Partition
from pipeline.formats.partition import cut as split
from pipeline.formats.read_options import ReadOptions

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.formats.csv.table import CsvTable
    from pipeline.formats.table import Problem

LONGEST = 5_000
"""Bytes that a row may have here."""

SHORT = "1.5,ab\n" * 300
CUTS = [*range(1, 12), 25, 64, 300]
BLOCKS = [64, 1_000, 4_096, 1 << 20]

LINES = "7.5,see\n" * LONGEST
"""What looks like rows, when it stands inside quotes."""


def rows(length: int, note: str) -> str:
    """Return short rows, one of `length` bytes with its note in quotes, and short ones again."""
    return SHORT + '2.5,"' + note[: length - 6] + '"\n' + SHORT


def opened(path: Path, text: str) -> CsvTable:
    path.write_text("x,note\n" + text)
    table, _ = open_csv(path, ReadOptions("x"))
    return replace(table, spec=replace(table.spec, longest_row=LONGEST))


def read(table: CsvTable, parts: int, block: int) -> tuple[list[float], Problem | None]:
    """Read in file order, again where a first row was guessed wrong, up to the first problem."""
    values: list[float] = []
    row = table.begin
    for part in split(table.begin, table.end, parts):
        cells = CsvCells(table.spec, part, block_bytes=block)
        found = [value for batch in cells.batches() for value in batch.tolist()]
        if cells.begin != (row if row < part.stop else None):
            certain = Partition(max(row, part.start), part.stop, certain=True)
            cells = CsvCells(table.spec, certain, block_bytes=block)
            found = [value for batch in cells.batches() for value in batch.tolist()]
        values += found
        if cells.problem:
            return values, cells.problem
        row = row if cells.end is None else cells.end
    return values, None


@pytest.mark.parametrize("note", ["y" * 2 * LONGEST, LINES], ids=["letters", "lines"])
@pytest.mark.parametrize("length", [LONGEST // 2 + 1, LONGEST - 1, LONGEST])
def test_a_row_up_to_the_limit_is_read_however_the_file_is_cut(length, note, data):
    """More than half of the limit, and all of it."""
    table = opened(data, rows(length, note))
    for parts in CUTS:
        for block in BLOCKS:
            found = read(table, parts, block)
            assert found == ([1.5] * 300 + [2.5] + [1.5] * 300, None), (parts, block)


@pytest.mark.parametrize("note", ["y" * 3 * LONGEST, LINES], ids=["letters", "lines"])
@pytest.mark.parametrize("length", [LONGEST + 1, LONGEST + 2, 2 * LONGEST])
def test_a_longer_row_is_refused_however_the_file_is_cut(length, note, data):
    """One byte more is too much, and the place is where the row begins."""
    table = opened(data, rows(length, note))
    for parts in CUTS:
        for block in BLOCKS:
            values, problem = read(table, parts, block)
            assert problem, (parts, block)
            assert (problem.offset, len(values)) == (len("x,note\n" + SHORT), 300)
            assert problem.reason.startswith("is longer than")


@pytest.mark.parametrize("length", [LONGEST - 1, LONGEST, LONGEST + 1, LONGEST + 2])
@pytest.mark.parametrize("closed", [True, False])
def test_a_last_row_without_a_newline_has_the_same_limit(length, closed, data):
    """With a quote that is never closed, the reason is the same for every cut, too."""
    row = '2.5,"' + "y" * (length - 5 - closed) + '"' * closed
    table = opened(data, SHORT + row)
    found = {
        problem.reason.split(";")[0] if problem else None
        for parts in CUTS
        for block in BLOCKS
        for _, problem in [read(table, parts, block)]
    }
    too_long = "is longer than 0.00476837 MiB"
    unclosed = None if closed else "opens a quote that is never closed"
    assert found == {too_long if length > LONGEST else unclosed}
