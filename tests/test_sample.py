"""The sample has the shape of an IDEAM export."""

from __future__ import annotations

import csv
import io

import pytest
from click.testing import CliRunner

from pipeline.sample import HEADER, LAYOUTS, main, render

OPTIONS = {"seed": 1, "decimals": 5, "distinct": False}


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def sample(layout: str = "bulk", rows: int = 5_000, **options) -> str:
    return "".join(render(LAYOUTS[layout], rows, **OPTIONS | options))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_row_has_the_twelve_fields_of_the_header(layout):
    """Commas inside fields are quoted, so a CSV reader finds twelve fields in every row."""
    header, *rows = rows_of(sample(layout))
    assert [name.lower() for name in header] == [name.lower() for name in HEADER]
    assert len(rows) == 5_000
    assert {len(row) for row in rows} == {12}


def test_both_layouts_hold_the_same_values():
    """The layout changes the spelling of a row and nothing of its value."""
    bulk, api = (rows_of(sample(layout))[1:] for layout in ("bulk", "api"))
    assert [row[3] for row in bulk] == [row[3] for row in api]


def test_the_column_mixes_what_a_real_one_mixes():
    """Blanks, `<nil>`, 0 to 5 decimals and duplicate rows occur; no value leaves [0, 50]."""
    rows = rows_of(sample())[1:]
    cells = [row[3] for row in rows]
    numbers = [cell for cell in cells if cell not in ("", "<nil>")]
    assert {"", "<nil>"} <= set(cells)
    assert {len(cell.partition(".")[2]) for cell in numbers} == set(range(6))
    assert all(0 <= float(cell) <= 50 for cell in numbers)
    assert len(set(map(tuple, rows))) < len(rows)


def test_the_same_seed_makes_the_same_file():
    """A file is a function of its options, and a shorter one is the beginning of a longer one."""
    assert sample() == sample()
    assert sample() != sample(seed=2)
    assert sample(rows=5_000).startswith(sample(rows=10))


def test_distinct_values_never_repeat():
    """With `distinct` no two values are the same number and none is missing."""
    values = [float(row[3]) for row in rows_of(sample(rows=300_000, distinct=True))[1:]]
    assert len(set(values)) == 300_000


def test_decimals_bound_the_distinct_values():
    """With one decimal the column holds at most the 501 values of [0, 50]."""
    cells = {row[3] for row in rows_of(sample(rows=100_000, decimals=1))[1:]}
    assert all(len(cell.partition(".")[2]) <= 1 for cell in cells)


def test_the_command_writes_the_file_it_names(tmp_path):
    """The command writes exactly what `render` yields."""
    out = tmp_path / "sample.csv"
    result = CliRunner().invoke(main, [str(out), "--rows", "100", "--seed", "1"])
    assert result.exit_code == 0, result.output
    assert out.read_text("utf-8") == sample(rows=100)


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path):
    """A path that cannot be written ends with exit code 1 and names the path."""
    out = tmp_path / "absent" / "sample.csv"
    result = CliRunner().invoke(main, [str(out), "--rows", "1"])
    assert result.exit_code == 1
    assert str(out.parent) in result.output
    assert "Traceback" not in result.output
