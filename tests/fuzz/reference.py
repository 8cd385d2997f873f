"""The slow reader: a whole file at once, by the rules of the documentation and in plain Python.

It shares nothing with the pipeline but the list of spellings of a missing cell.
"""

from __future__ import annotations

import csv
import math
import re
from typing import TYPE_CHECKING

from tests.fuzz.answers import MOST_REJECTS, SHOWN_CHARACTERS, Answer, Outcome, Refusal
from tests.fuzz.first_look import Look, RefusedError, look
from tests.fuzz.grammar import content, rows, without_return
from tests.fuzz.times import read_time, unit_of
from tests.reader import MISSING

if TYPE_CHECKING:
    from tests.fuzz.case import Case, Query

INVALID, OUT_OF_RANGE = math.inf, -math.inf
LONGEST_TOKEN = 255
SHOWN_BYTES = 1000
TOKENS = frozenset(token.encode() for token in MISSING)


def encoded(text: str, encoding: str) -> bytes:
    """Return a text of the user's as it would stand in the file, or raise RefusedError."""
    try:
        return text.strip().encode(encoding)
    except UnicodeEncodeError:
        raise RefusedError("options") from None


class Cells:
    """What the cells of a file's number columns mean."""

    def __init__(self, case: Case, quote: bytes) -> None:
        """Take the marks and the user's spellings of a missing cell."""
        options = case.options
        self._quote, self._mark = quote, re.escape(options.decimal.encode())
        number = b"[+-]?([0-9]+(MARK[0-9]*)?|MARK[0-9]+)([eE][+-]?[0-9]+)?"
        self._number = re.compile(number.replace(b"MARK", self._mark))
        extra = [encoded(token, options.encoding) for token in options.missing]
        if any(len(token) > LONGEST_TOKEN for token in extra):
            raise RefusedError("options")
        self._values = {self._float(token) for token in extra if self._number.fullmatch(token)}
        self._tokens = TOKENS | set(extra)

    def value(self, field: bytes) -> float:
        """Return a cell's value: NaN where it is missing, inf where it is none."""
        text = content(field, self._quote)
        if self._number.fullmatch(text):
            value = self._float(text)
            return math.nan if value in self._values else value if math.isfinite(value) else INVALID
        return math.nan if text in self._tokens else INVALID

    def _float(self, text: bytes) -> float:
        return float(re.sub(self._mark, b".", text))


def expect(case: Case) -> Outcome:
    """Return what the file of a case holds, or why it must be refused."""
    try:
        seen = look(case.data, case.options)
        wanted = Wanted(seen, case)
        return wanted.read(case.data)
    except RefusedError as refused:
        return refused.refusal


class Wanted:
    """What is read of each row."""

    def __init__(self, seen: Look, case: Case) -> None:
        """Find the columns; raise RefusedError when one is not there."""
        query: Query | None = case.query
        self._seen, self._skip = seen, case.options.on_invalid == "skip"
        self._encoding, self._header = case.options.encoding, case.options.header
        self._cells = Cells(case, seen.marks.quote)
        names = query.columns if query else (case.options.column,)
        self._numbers = [seen.find(name) for name in names]
        self._lists = query is not None
        layouts = dict(query.times) if query else {}
        self._keys: list[int] = []
        self._units: dict[int, tuple[str, str]] = {}
        for at, key in enumerate(query.by if query else ()):
            name, _, unit = key.partition(":")
            self._keys.append(seen.find(name))
            if unit:
                self._units[at] = layouts[name], unit
        self._where = []
        for condition in query.where if query else ():
            column, relation, operand = re.split("(!=|=)", condition, maxsplit=1)
            texts = next(csv.reader([operand]), []) or [""]
            self._where.append((seen.find(column.strip()), relation == "=", texts))
        self._where = [
            (column, positive, [encoded(text, self._encoding) for text in texts])
            for column, positive, texts in self._where
        ]
        self._range = query.valid_range if query else None

    def read(self, data: bytes) -> Outcome:
        """Read all rows."""
        width = len(self._numbers)
        columns: list[list[float]] = [[] for _ in range(width)]
        answer = Answer(columns, [], [0] * width, [0] * width, [0] * width)
        for row in rows(data, self._seen.begin, self._seen.marks):
            if row.open:
                return Refusal("quote", row.begin)
            fields = without_return(row, self._seen.marks)
            if len(fields) != len(self._seen.names):
                if row.is_blank:
                    continue
                if not self._skip:
                    return Refusal("ragged", row.begin)
                self._skip_row(answer, row.begin, "", data[row.begin : row.after].rstrip(b"\r\n"))
                continue
            if not all(self._holds(fields, *condition) for condition in self._where):
                answer.filtered += 1
                continue
            keys = self._texts(fields)
            if None in keys:
                if not self._skip:
                    return Refusal("time", row.begin)
                wrong = min(self._keys[at] for at, key in enumerate(keys) if key is None)
                self._skip_row(answer, row.begin, self._name(wrong), self._text(fields[wrong]))
                continue
            values = [self._value(fields[column]) for column in self._numbers]
            if INVALID in values and not self._skip:
                return Refusal("cell", row.begin)
            self._reject_cells(answer, row.begin, fields, values)
            self._add(answer, values, keys)
        return answer

    def _name(self, column: int) -> str:
        return self._seen.names[column] if self._header else str(column + 1)

    def _text(self, field: bytes) -> bytes:
        return content(field, self._seen.marks.quote)

    def _reject_cells(
        self, answer: Answer, begin: int, fields: list[bytes], values: list[float]
    ) -> None:
        for column, value in zip(self._numbers, values, strict=True):
            if value == INVALID:
                self._reject(answer, begin, self._name(column), self._text(fields[column]))

    def _skip_row(self, answer: Answer, begin: int, column: str, text: bytes) -> None:
        answer.invalid = [n + 1 for n in answer.invalid]
        self._reject(answer, begin, column, text)

    def _reject(self, answer: Answer, begin: int, column: str, text: bytes) -> None:
        if self._lists:
            answer.rejected += 1
            shown = text[:SHOWN_BYTES].decode(self._encoding, "backslashreplace")
            answer.rejects.append((begin, column, shown[:SHOWN_CHARACTERS]))
            del answer.rejects[MOST_REJECTS:]

    def _holds(self, fields: list[bytes], column: int, positive: bool, texts: list[bytes]) -> bool:  # noqa: FBT001
        return (self._text(fields[column]) in texts) == positive

    def _value(self, field: bytes) -> float:
        value = self._cells.value(field)
        if self._range and math.isfinite(value) and not self._range[0] <= value <= self._range[1]:
            return OUT_OF_RANGE
        return value

    def _texts(self, fields: list[bytes]) -> list[bytes | None]:
        """Return the texts of a row's keys; None for a time that is none."""
        texts: list[bytes | None] = []
        for at, key in enumerate(self._keys):
            text = self._text(fields[key])
            if at in self._units:
                layout, unit = self._units[at]
                time = read_time(text, layout)
                texts.append(unit_of(time, unit) if time else None)
            else:
                texts.append(text)
        return texts

    def _add(self, answer: Answer, values: list[float], keys: list[bytes]) -> None:
        for i, value in enumerate(values):
            answer.missing[i] += math.isnan(value)
            answer.invalid[i] += value == INVALID
            answer.out_of_range[i] += value == OUT_OF_RANGE
            if self._keys or math.isfinite(value):
                answer.columns[i].append(value)
        if self._keys:
            answer.keys.append(b"".join(self._part(text) for text in keys))

    def _part(self, text: bytes) -> bytes:
        if self._encoding != "utf-8":
            text = text.decode(self._encoding, "surrogateescape").encode("utf-8", "surrogateescape")
        return len(text).to_bytes(4, "little") + text
