"""What the pipeline makes of a case: in one reading as a whole, and in others cut anywhere."""

from __future__ import annotations

import re
from dataclasses import asdict
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from pipeline.errors import InputError
from pipeline.formats.column import ColumnRows
from pipeline.formats.csv.cells import CsvCells
from pipeline.formats.csv.dialect import DialectOptions
from pipeline.formats.csv.fields import CsvFields
from pipeline.formats.csv.table import CsvTable
from pipeline.formats.open import open_files
from pipeline.formats.partition import Partition
from pipeline.formats.query import Condition, Key, Query
from pipeline.formats.read_options import ReadOptions
from pipeline.formats.rejects import NONE, RejectLog
from pipeline.formats.rows import SelectedRows
from pipeline.formats.selected import SelectedTable
from tests.fuzz.answers import MOST_REJECTS, SHOWN_CHARACTERS, Answer, Outcome, Refusal

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.formats.table import Rows, Table
    from tests.fuzz.case import Case

OPENING = {
    "empty": "is empty",
    "encoding": "is UTF-",
    "compressed": "-compressed|data stops making sense|has something else behind its|"
    "is compressed in a way|is a zip archive of|is encrypted",
    "nul": "has NUL bytes",
    "blank": "only blank lines",
    "quote": "a quote that opens in the first row is never closed",
    "doubt": "may be delimited by",
    "column": r"has no column|has \d+ columns|goes by its number",
    "lines": "that --skip-lines names",
    "ends": "first rows cannot be split into fields",
    "options": "must be one ASCII character|must differ|is unknown or not an extension|"
    "a spelling of a missing value has|is not in the encoding",
    "type": "store the column as float64",
    "damaged": "is the file damaged|is its copy complete|column be renamed|has a schema",
}
ROW = {
    "quote": "opens a quote that is never closed",
    "ragged": r"has \d+ fields?, not",
    "time": "which is no time",
    "cell": r"(\(row [\d,]+ of the file\) )?has .* in column|cannot be read as float64",
    "damaged": r"has [\d,]+ rows, not|cannot be read:",
}
"""Which words are in a sentence of each kind."""


class WrongError(Exception):
    """The pipeline broke a promise, as the text says."""


def kind_of(sentence: str, kinds: dict[str, str]) -> str:
    """Return the kind of a refusal."""
    if "\n" in sentence or "Traceback" in sentence:
        raise WrongError(f"a refusal is more than one line: {sentence!r}")
    for kind, words in kinds.items():
        if re.search(words, sentence):
            return kind
    raise WrongError(f"a refusal of no known kind: {sentence!r}")


def open_case(case: Case, path: Path) -> Table | Refusal:
    """Open the file of a case, written at `path`, as the commands do."""
    options, query = case.options, case.query
    try:
        marks = DialectOptions(options.delimiter, options.decimal, options.quote, options.encoding)
        reading = ReadOptions(
            options.column,
            options.header,
            marks,
            options.skip_lines,
            options.missing,
            options.on_invalid,
        )
        asked = Query((options.column,))
        if query:
            by, where = map(Key.parse, query.by), map(Condition.parse, query.where)
            times = dict(query.times)
            asked = Query(
                query.columns,
                tuple(by),
                tuple(where),
                times,
                query.valid_range,
                max_rejects=0 if case.suffix == ".parquet" else MOST_REJECTS,
            )
        return open_files([path], reading, asked)[0]
    except InputError as error:
        return Refusal(kind_of(str(error).removeprefix(str(path)), OPENING))


def places(table: Table, cut: tuple[float, ...]) -> list[Partition]:
    """Return the partitions that a cut makes of a table, if it can be cut."""
    if not table.divisible:
        return table.split(1)
    size = table.end - table.begin
    inner = [table.begin + round(size * place) for place in cut]
    bounds = [table.begin, *inner, table.end]
    return [Partition(a, b, certain=a == table.begin) for a, b in pairwise(bounds)]


def rows_of(case: Case, table: Table, part: Partition) -> Rows:
    """Return the reader of a partition; of a CSV file, one with small blocks."""
    if isinstance(table, CsvTable):
        cells = CsvCells(table.spec, part, block_bytes=case.block, batch_values=case.block)
        return ColumnRows(cells)
    if isinstance(table, SelectedTable) and isinstance(table.file, CsvTable):
        chosen = table.selection
        log = RejectLog(str(table.file.path), chosen.encoding, chosen.max_rejects)
        fields = CsvFields(table.file.spec, table.fields, part, log, block_bytes=case.block)
        return SelectedRows(chosen, fields, log)
    return table.rows(part)


def read(case: Case, table: Table, parts: list[Partition]) -> Outcome:
    """Read a table part by part; one that guessed its first row wrong is read again."""
    width = len(table.columns)
    total = Answer([[] for _ in range(width)], [], [0] * width, [0] * width, [0] * width)
    row, rejects = table.begin, NONE
    for part in parts:
        rows = rows_of(case, table, part)
        found = _answer(rows, width)
        if rows.begin != (row if row < part.stop else None):
            rows = rows_of(case, table, Partition(max(row, part.start), part.stop, certain=True))
            found = _answer(rows, width)
        if rows.problem:
            sentence = table.sentence(rows.problem)
            kind_of(sentence, {"": ""})
            place = rows.problem.offset if table.divisible else rows.problem.inside
            return Refusal(kind_of(rows.problem.reason, ROW), place)
        row = row if rows.end is None else rows.end
        _append(total, found)
        rejects = rejects.merge(rows.rejects())
    if row != table.end:
        raise WrongError(f"reading ended at {row}, not at {table.end}")
    table.verify()
    total.rejects = [(one.offset, one.column, one.text[:SHOWN_CHARACTERS]) for one in rejects.first]
    total.rejected = rejects.count
    return total


def _answer(rows: Rows, width: int) -> Answer:
    columns: list[list[float]] = [[] for _ in range(width)]
    codes: list[int] = []
    for batch in rows.batches():
        for column, cells in zip(columns, batch.columns, strict=True):
            kept = cells if batch.codes is not None else cells[np.isfinite(cells)]
            column.extend(kept.tolist())
        codes += [] if batch.codes is None else batch.codes.tolist()
    keys = rows.keys().to_list()
    counters = [asdict(one) for one in rows.counters()]
    counts = {
        name: [one[name] for one in counters] for name in ("missing", "invalid", "out_of_range")
    }
    return Answer(columns, [keys[i] for i in codes], filtered=counters[0]["filtered"], **counts)


def _append(total: Answer, found: Answer) -> None:
    for column, more in zip(total.columns, found.columns, strict=True):
        column.extend(more)
    total.keys += found.keys
    total.filtered += found.filtered
    for name in ("missing", "invalid", "out_of_range"):
        pairs = zip(getattr(total, name), getattr(found, name), strict=True)
        setattr(total, name, [a + b for a, b in pairs])
