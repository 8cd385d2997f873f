"""Small CSV files that are hard to cut: each a function of nothing, with its column of values."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.sample import LAYOUTS, render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True)
class Nasty:
    """The bytes of a file, and the options with which its column ``x`` is read."""

    data: bytes
    options: dict[str, Any] = field(default_factory=dict)

    def cells(self) -> list[str]:
        """Return the column's cells as the standard library's reader finds them."""
        text = self.data.decode(self.options.get("encoding", "utf-8-sig"))
        rows = csv.reader(
            io.StringIO(text, newline=""), delimiter=self.options.get("delimiter", ",")
        )
        header, *body = (row for row in rows if row)
        names = [name.casefold() for name in header]
        return [row[names.index(self.options["column"].casefold())] for row in body]

    def values(self) -> list[float]:
        """Return the valid values in file order."""
        return [float(cell) for cell in self.cells() if cell.strip() not in ("", "<nil>", "NA")]


def _table(
    rows: Iterable[list[str]], *, end: str = "\n", quoting: Any = csv.QUOTE_MINIMAL
) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=end, quoting=quoting)
    writer.writerow(["id", "x", "note"])
    writer.writerows(rows)
    return text.getvalue().encode()


def _numbers(n: int) -> list[str]:
    random = np.random.default_rng(n)
    return [
        f"{value:.{digits}f}"
        for value, digits in zip(random.gamma(2, 9, n), random.integers(0, 6, n), strict=True)
    ]


def _rows(n: int, note: Callable[[int], str]) -> list[list[str]]:
    return [[f"{i:04}", number, note(i)] for i, number in enumerate(_numbers(n))]


def _deceiving(i: int) -> str:
    """A quoted note whose lines look like rows of the file, other numbers in the column."""
    return f"see\n{i:04},999.5,ok\n{i + 1:04},-999.5,ok\n" * (i % 3)


def _sample(layout: str) -> Nasty:
    text = "".join(render(LAYOUTS[layout], 400, seed=3, decimals=5, distinct=False))
    return Nasty(text.encode(), {"column": "ValorObservado"})


X = {"column": "x"}
FILES = {
    "bulk layout": _sample("bulk"),
    "api layout": _sample("api"),
    "newlines in quotes": Nasty(_table(_rows(150, _deceiving)), X),
    "all fields quoted": Nasty(_table(_rows(150, _deceiving), quoting=csv.QUOTE_ALL), X),
    "quotes in quotes": Nasty(_table(_rows(150, lambda i: '"' * (i % 7) + ',"\n"' * (i % 4))), X),
    "CRLF": Nasty(_table(_rows(200, lambda i: "a\r\nb" * (i % 2)), end="\r\n"), X),
    "CR alone": Nasty(_table(_rows(200, str), end="\r"), X),
    "rows longer than partitions": Nasty(
        _table(_rows(12, lambda i: "1,2,3\n" * (500 * (i % 3)))), X
    ),
    "no final line end": Nasty(_table(_rows(100, str)).rstrip(b"\n"), X),
    "blank lines": Nasty(_table(_rows(60, str)).replace(b"\n", b"\n\n") + b"\n\n", X),
    "missing cells": Nasty(
        _table([[str(i), x if i % 3 else "", "NA"] for i, x in enumerate(_numbers(90))]), X
    ),
    "one row": Nasty(_table(_rows(1, str)), X),
    "one column": Nasty(("x\n" + "\n".join(_numbers(300)) + "\n").encode(), X),
    "no value": Nasty(_table([]), X),
    "numbers in every spelling": Nasty(
        b'x,y\n+1.5,a\n.5,b\n7.,c\n1e3,d\n-1E-3,e\n 2.25 ,f\n"3.5",g\n-0.0,h\n0,i\n1e-320,j\n'
        b"179769313486231570000000000000000000000e270,k\n0.1000000000000000055511151231257827,l\n",
        X,
    ),
}  # fmt: skip
