"""Making cases by chance: the same case for the same seed and number."""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random

from tests.fuzz.answers import Answer
from tests.fuzz.case import Case, Options, Packing, Query
from tests.fuzz.damage import parquet_case
from tests.fuzz.first_look import RefusedError, look
from tests.fuzz.mutations import mutate
from tests.fuzz.reference import expect
from tests.fuzz.seeds import SEEDS
from tests.fuzz.times import NAMED, UNITS
from tests.packed import COMPRESS

ODD = {
    "column": ("X", " x ", 1, 2, "id", "note", "y", "", 99, "2"),
    "header": (False,),
    "delimiter": (",", ";", "\t", "|", " ", "a", "::", '"', "\n", "é"),
    "decimal": (",", ".", "'", "5"),
    "quote": ("'", None, "|", "ab"),
    "encoding": ("latin-1", "cp1252", "ascii", "utf-16", "utf-99", "undefined", "gbk", "idna"),
    "skip_lines": (1, 2, 50),
    "missing": (("s/d",), ("-999", "1.5"), ("x" * 300,), ("Ω", " é "), ("1,5", "")),
}
"""What options are set to now and then, beside what fits the file."""

WHERE = ("=1", "!=1", "=a,b", "!=c", "=1.5", "=", "!=", '="a,b"', "=Ω", "=BOGOTÁ,n1")
RANGES = ((0.0, 2.0), (-10.0, 60.0), (1.5, 1.5))
TIMED = ("t", "FechaObservacion")
LAYOUTS = (*NAMED, "%Y-%m-%d %H:%M:%S", "%d/%m/%Y %I:%M:%S %p", "%H:%M %Y")
BLOCKS = (1, 7, 64, 300, 1 << 20)
MOST_CUTS = 12


def _holds_values(data: bytes, options: Options) -> bool:
    found = expect(Case("seed", data, options=options))
    return isinstance(found, Answer) and len(found.columns[0]) > 1


GOOD = [seed for seed in SEEDS if _holds_values(*seed)]
"""The seeds that can be read: most of what is made of the others is refused at the first look."""


def make(seed: int, number: int) -> Case:
    """Return one case."""
    name = f"{seed}-{number}"
    chance = Random(name)
    if chance.random() < 1 / 8:
        return parquet_case(name, chance, _cuts(chance))
    data, options = chance.choice(GOOD if chance.random() < 2 / 3 else SEEDS)
    data = mutate(data, chance)
    if chance.random() < 1 / 16:
        data += chance.choice(SEEDS)[0]
    return around(name, data, options, chance)


def around(name: str, data: bytes, options: Options, chance: Random) -> Case:
    """Return a case with the bytes of a CSV file: all else is left to chance."""
    options = _options(options, chance)
    names = _names(data, options)
    if names and chance.random() < 3 / 4 and options.column not in names:
        options = replace(options, column=chance.choice(names))
    query = _query(options, names, chance) if chance.random() < 1 / 3 else None
    packing = _packing(chance) if chance.random() < 1 / 12 else None
    damaged = packing is not None and packing.place is not None
    cuts, block = _cuts(chance), chance.choice(BLOCKS)
    return Case(name, data, ".csv", options, query, cuts, block, None, damaged, packing)


def _packing(chance: Random) -> Packing:
    """Return how a file is compressed; half of the time it is damaged."""
    kind = chance.choice(list(COMPRESS))
    if chance.random() < 1 / 2:
        return Packing(kind)
    return Packing(kind, chance.random(), chance.choice([0, 1 << chance.randrange(8)]))


def _options(options: Options, chance: Random) -> Options:
    changed = {
        name: chance.choice(values) for name, values in ODD.items() if chance.random() < 1 / 24
    }
    on_invalid = chance.choice(["stop", "skip"])
    return replace(options, **changed, on_invalid=on_invalid)


def _names(data: bytes, options: Options) -> list[str]:
    """Return the names of the columns that the file has, as far as it can be read.

    One that is called * cannot be asked for: that means all columns.
    """
    try:
        seen = look(data, options)
    except RefusedError:
        return []
    if not options.header:
        return [str(i + 1) for i in range(len(seen.names))]
    return [name for name in seen.names if name != "*"]


def _query(options: Options, names: list[str], chance: Random) -> Query:
    """Return a query, mostly of columns that there are."""
    known = [name for name in names if name.strip() and not set("=!<>,:") & set(name)] or [
        "id",
        "note",
    ]

    def some(most: int) -> list[str]:
        found = [chance.choice(known) for _ in range(chance.randrange(most + 1))]
        return list(dict.fromkeys(found))

    columns = tuple(dict.fromkeys((options.column, *some(2))))
    by = tuple(some(2))
    where = tuple(chance.choice(known) + chance.choice(WHERE) for _ in some(2))
    valid = chance.choice([None, None, *RANGES])
    times = ()
    if chance.random() < 1 / 3:
        timed = chance.choice([name for name in known if name in TIMED] or known)
        times = ((timed, chance.choice(LAYOUTS)),)
        by = (*by, f"{timed}:{chance.choice(list(UNITS))}")
        where = tuple(one for one in where if not _is_of(timed, one))
    if not (len(columns) > 1 or by or where or valid):
        by = tuple(known[:1])
    return Query(columns, by, where, valid, times)


def _is_of(column: str, condition: str) -> bool:
    """Whether a condition is one of a column, which might then be compared as a time."""
    name = re.split("!?=", condition, maxsplit=1)[0]
    return name.strip().casefold() == column.strip().casefold()


def _cuts(chance: Random) -> tuple[tuple[float, ...], ...]:
    """Return where the file is cut: not at all, evenly, and somewhere; there may be empty parts."""
    even = chance.choice([2, 3, 7, 50])
    places = [chance.random() for _ in range(chance.randrange(1, MOST_CUTS))]
    near = [min(1.0, place + chance.choice([0, 1e-3])) for place in places]
    return (), tuple(i / even for i in range(1, even)), tuple(sorted(places + near))
