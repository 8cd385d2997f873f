"""Making cases by chance: the same case for the same seed and number."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from tests.fuzz.case import Case, Options, Query
from tests.fuzz.damage import parquet_case
from tests.fuzz.mutations import mutate
from tests.fuzz.seeds import SEEDS

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

WHERE = ("id=1", "id!=1", "note=a,b", "note!=c", "x=1.5", "note=", 'note="a,b"', "note=Ω")
RANGES = ((0.0, 2.0), (-10.0, 60.0), (1.5, 1.5))
BLOCKS = (1, 7, 64, 300, 1 << 20)
MOST_CUTS = 12


def make(seed: int, number: int) -> Case:
    """Return one case."""
    name = f"{seed}-{number}"
    chance = Random(name)
    if chance.random() < 1 / 8:
        return parquet_case(name, chance, _cuts(chance))
    data, options = chance.choice(SEEDS)
    data = mutate(data, chance)
    if chance.random() < 1 / 16:
        data += chance.choice(SEEDS)[0]
    options = _options(options, chance)
    query = _query(options, chance) if chance.random() < 1 / 3 else None
    return Case(name, data, ".csv", options, query, _cuts(chance), block=chance.choice(BLOCKS))


def _options(options: Options, chance: Random) -> Options:
    changed = {
        name: chance.choice(values) for name, values in ODD.items() if chance.random() < 1 / 24
    }
    on_invalid = chance.choice(["stop", "skip"])
    return replace(options, **changed, on_invalid=on_invalid)


def _query(options: Options, chance: Random) -> Query:
    other = chance.choice([(), (), ("id",), ("note",), (1,), (3,)])
    columns = tuple(dict.fromkeys((options.column, *other)))
    by = chance.choice([(), ("note",), ("id",), ("note", "id")])
    where = tuple({chance.choice(WHERE) for _ in range(chance.choice([0, 0, 1, 2]))})
    where = tuple(sorted(where))
    valid = chance.choice([None, None, *RANGES])
    if not (len(columns) > 1 or by or where or valid):
        by = ("note",)
    return Query(columns, by, where, valid)


def _cuts(chance: Random) -> tuple[tuple[float, ...], ...]:
    """Return where the file is cut: not at all, evenly, and somewhere; there may be empty parts."""
    even = chance.choice([2, 3, 7, 50])
    places = [chance.random() for _ in range(chance.randrange(1, MOST_CUTS))]
    near = [min(1.0, place + chance.choice([0, 1e-3])) for place in places]
    return (), tuple(i / even for i in range(1, even)), tuple(sorted(places + near))
