"""Reading a column, cut anywhere, finds what the standard library's CSV reader finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.formats.csv.cells import BATCH_VALUES, BLOCK_BYTES, CsvCells
from pipeline.formats.csv.dialect import DialectOptions
from pipeline.formats.csv.open import open_csv, open_csv_columns
from pipeline.formats.partition import Partition
from pipeline.formats.partition import cut as split
from pipeline.formats.read_options import ReadOptions
from tests.reader import Found, read_column

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.formats.csv.table import CsvTable


@dataclass(frozen=True)
class Text:
    """A CSV text, and the marks it is written with."""

    text: str
    column: int
    delimiter: str = ","
    quote: str = '"'
    decimal: str = "."

    def expected(self) -> Found:
        return read_column(
            self.text,
            self.column,
            delimiter=self.delimiter,
            quote=self.quote,
            decimal=self.decimal,
        )

    def open(self, path: Path) -> CsvTable:
        path.write_bytes(self.text.encode())
        dialect = DialectOptions(self.delimiter, self.decimal, self.quote)
        return open_csv(path, ReadOptions(f"c{self.column}", dialect=dialect, on_invalid="skip"))[0]


def read_in_parts(
    table: CsvTable, parts: int, *, block: int = BLOCK_BYTES, batch: int = BATCH_VALUES
) -> Found:
    """Read partition after partition; one that guessed its first row wrong is read again."""

    def cells_of(part: Partition) -> CsvCells:
        return CsvCells(table.spec, part, block_bytes=block, batch_values=batch)

    values: list[float] = []
    missing = invalid = 0
    row = table.begin
    for part in split(table.begin, table.end, parts):
        cells = cells_of(part)
        found = [value for batch in cells.batches() for value in batch.tolist()]
        if cells.begin != (row if row < part.stop else None):
            cells = cells_of(Partition(max(row, part.start), part.stop, certain=True))
            found = [value for batch in cells.batches() for value in batch.tolist()]
        assert cells.problem is None
        row = row if cells.end is None else cells.end
        values += found
        missing += cells.missing
        invalid += cells.invalid
    assert row == table.end
    return Found(values, missing, invalid)


def same(left: Found, right: Found) -> bool:
    """Whether two readings agree, to the last bit of every value."""
    return (left.missing, left.invalid) == (right.missing, right.invalid) and (
        np.array(left.values).tobytes() == np.array(right.values).tobytes()
    )


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reading") / "data.csv"


DIGITS = st.text("0123456789", min_size=1, max_size=25)
DECIMALS = st.tuples(DIGITS, st.sampled_from(["", "."]), st.one_of(st.just(""), DIGITS)).map(
    "".join
)
EXPONENTS = st.one_of(
    st.just(""),
    st.tuples(st.sampled_from("eE"), st.sampled_from(["", "+", "-"]), st.integers(0, 400).map(str))
    .map("".join),
)  # fmt: skip
NUMBERS = st.one_of(
    st.integers(-500, 500).map(lambda tenths: f"{tenths / 10}"),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.tuples(st.sampled_from(["", "+", "-"]), DECIMALS, EXPONENTS).map("".join),
    DIGITS.map(lambda digits: f".{digits}"),
)
OTHER_CELLS = st.sampled_from(
    [
        "",
        "NA",
        "nan",
        "<nil>",
        "null",
        "s/d",
        "1_0",
        "0x1",
        "inf",
        "--1",
        "1.2.3",
        "1e",
        "é",
        "-",
        ".",
    ]
)
LENGTHS = st.sampled_from([1, 1, 1, 1, 13])
"""Some fields reach over several of the words of 64 bytes that are looked at together."""
BLANKS = st.sampled_from(["", "", "", " ", "\t", "  "])


@st.composite
def cell_texts(draw: st.DrawFn, quote: str, decimal: str) -> str:
    """A cell of the column that is read: a number as a rule, quoted or not, blanks around it."""
    content = draw(st.one_of(NUMBERS, NUMBERS, NUMBERS, OTHER_CELLS)).replace(".", decimal)
    content = draw(BLANKS) + content + draw(BLANKS)
    return f"{quote}{content}{quote}" if draw(st.booleans()) else content


@st.composite
def notes(draw: st.DrawFn, delimiter: str, quote: str) -> str:
    """Any other cell: quoted with marks and line ends inside, or bare with quotes in its middle."""
    if draw(st.booleans()):
        inside = draw(st.text(f"a1.{delimiter}{quote}\n\r é", max_size=12)) * draw(LENGTHS)
        after = draw(st.sampled_from(["", "", "", "x", f"x{quote}"]))
        return f"{quote}{inside.replace(quote, 2 * quote)}{quote}{after}"
    return (
        draw(st.sampled_from(["", "a", "é"]))
        + draw(st.text("a1. é", max_size=6)) * draw(LENGTHS)
        + draw(st.sampled_from(["", "", f"a{quote}", f"a{quote}b{quote}"]))
    )


@st.composite
def texts(draw: st.DrawFn) -> Text:
    """A CSV text of a few rows; now and then blank, too short or too long."""
    delimiter = draw(st.sampled_from([",", ";", "\t", "|"]))
    quote = draw(st.sampled_from(['"', "'"]))
    decimal = draw(st.sampled_from([".", ","])) if delimiter != "," else "."
    end = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    width = draw(st.integers(1, 4))
    number = draw(st.integers(0, width - 1))
    lines = [delimiter.join(f"c{i}" for i in range(width))]
    for _ in range(draw(st.integers(0, 25))):
        kind = draw(st.integers(0, 30))
        row = [draw(notes(delimiter, quote)) for _ in range(width + (kind == 0) - (kind == 1))]
        if kind > 1:
            row[number] = draw(cell_texts(quote, decimal))
        lines.append("" if kind == 2 else delimiter.join(row))
    final = draw(st.sampled_from([end, end, "", 2 * end]))
    return Text(end.join(lines) + final, number, delimiter, quote, decimal)


@settings(max_examples=500)
@given(texts(), st.sampled_from([1, 2, 3, 7, 50]), st.sampled_from([1, 5, 64, 200]))
@example(Text('c0,c1\n1,"a\n2,b\n"\n3,c\n', 0), 7, 1)
@example(Text("c0\n1\n\n2\n", 0), 2, 64)
@example(Text('c0,c1\r\n"1",x\r\n2,"y"\r\n', 1), 3, 5)
def test_any_text_cut_anywhere_is_read_as_the_csv_module_reads_it(path, text, parts, block):
    """Quotes, line ends, blanks, odd numbers and ragged rows mean what they mean unsplit."""
    found = read_in_parts(text.open(path), parts, block=block, batch=block)
    assert same(found, text.expected())


@settings(max_examples=200)
@given(st.lists(NUMBERS, min_size=1, max_size=200))
@example(
    ["0.1", "1e23", "9007199254740993", "9007199254740992.5", "5e-324", "2.4703282292062328e-324"]
)
@example(
    ["1797693134862315.7e293", "179769313486231580793e289", "1e400", "0e999", "-0.0", ".5", "5."]
)
@example(["0." + "0" * 30 + "1", "1" + "0" * 30, "123456789012345678", "1234567890123456789"])
def test_every_number_is_the_nearest_float64(path, numbers):
    """A decimal of any length and size is rounded correctly, as Python does."""
    text = Text("c0,c1\n" + "".join(f"{number},x\n" for number in numbers), 0)
    assert same(read_in_parts(text.open(path), 1), text.expected())


@settings(max_examples=50)
@given(st.integers(0, 2**32), st.sampled_from(["", "x", '"q"', '"a,b"', '"two\nlines"']))
def test_long_files_of_short_rows(path, seed, note):
    """Thousands of rows, through blocks of a few hundred bytes and partitions of every size."""
    random = np.random.default_rng(seed)
    rows = (f"{value:.{digits}f},{note}" for value, digits in zip(
        random.normal(0, 50, 2_000), random.integers(0, 6, 2_000), strict=True
    ))  # fmt: skip
    text = Text("c0,c1\n" + "\n".join(rows) + "\n", 0)
    table, expected = text.open(path), text.expected()
    block, batch = int(random.integers(64, 600)), int(random.integers(1, 300))
    for parts in (1, 13, 101):
        assert same(read_in_parts(table, parts, block=block, batch=batch), expected)


@settings(max_examples=100)
@given(st.integers(0, 2**32), st.integers(0, 11), st.sampled_from([1, 70, 700]), st.booleans())
def test_cells_anywhere_in_long_rows(path, seed, number, longest, quoted):
    """Whatever stands before a cell, and however far from the row's beginning it is."""
    random = np.random.default_rng(seed)
    texts = ["," * quoted + "x" * n for n in range(longest)]
    rows = []
    for i in range(400):
        fields = [f'"{texts[n]}"' if quoted else texts[n] for n in random.integers(0, longest, 12)]
        fields[number] = f"{i / 8}"
        rows.append(",".join(fields) + "\n")
    text = Text(",".join(f"c{i}" for i in range(12)) + "\n" + "".join(rows), number)
    table, expected = text.open(path), text.expected()
    for parts in (1, 7):
        assert same(read_in_parts(table, parts), expected)


@pytest.mark.parametrize(
    "between",
    [
        "\n" * 20_000,
        "x" * 100_000 + ",0\n",
        "x,0\n" * 20_000,
        '"' + "\n" * 100_000 + '",0\n',
        'x"y,0\n',
    ],
    ids=["blank lines", "a long row", "short rows", "a long quotation", "an odd quote"],
)
def test_what_no_index_holds_is_read_all_the_same(path, between):
    """More rows, or a longer row, than are indexed at once; a quote where none should be."""
    text = Text("c0,c1\na,1\n" + between + "b,2\n" + between + "c,3\n", 1)
    assert same(read_in_parts(text.open(path), 1), text.expected())


def test_one_look_finds_several_columns(path):
    """Each is a table of its own, in the order asked for; a notice of the file comes once."""
    path.write_bytes("\ufeffA;B;C\n1;2;3\n4;5;6".encode())
    tables, notices = open_csv_columns(path, ReadOptions(), ["c", 1])
    assert [table.column for table in tables] == ["C", "A"]
    assert [read_in_parts(table, 2).values for table in tables] == [[3, 6], [1, 4]]
    assert [notice.split()[0] for notice in notices] == ["the", "fields", "the", "column"]


@pytest.mark.parametrize("wanted", ["d", 4, 0])
def test_a_look_for_a_column_that_is_not_there_says_what_there_is(wanted, path):
    """A name is answered with the names, a number with the range of numbers."""
    path.write_text("a,b,c\n1,2,3\n")
    with pytest.raises(InputError, match="'a', 'b', 'c'" if wanted == "d" else "from 1 to 3"):
        open_csv_columns(path, ReadOptions(), ["a", wanted])
