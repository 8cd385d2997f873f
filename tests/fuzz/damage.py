"""Parquet files of known content, whole or damaged.

What they hold is known from the lists that they are made of. A damaged file may be read only as
what it held; a sound one must be.
"""

from __future__ import annotations

import io
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.fuzz.answers import Answer, Outcome, Refusal
from tests.fuzz.case import Case, Options, Query

if TYPE_CHECKING:
    from random import Random

LARGEST_EXACT = 1 << 53
FOOTER_END = 8
"""The last bytes of a file: the size of its footer, and a mark."""

FLOATS = (0.0, -0.0, 1.5, -999.0, 5e-324, 1.7e308, 0.1, math.nan, 21.25)
INTEGERS = {
    pa.int8(): (-128, 127, 0, 1),
    pa.uint8(): (0, 255, 7),
    pa.int16(): (-32768, 32767, 5),
    pa.int32(): (-(1 << 31), 12, 0),
    pa.uint32(): ((1 << 32) - 1, 3),
    pa.int64(): (-LARGEST_EXACT, LARGEST_EXACT, 41),
    pa.uint64(): (0, LARGEST_EXACT, 8),
}
NO_NUMBERS = {
    pa.string(): "1.5",
    pa.bool_(): True,
    pa.decimal128(9, 2): None,
    pa.date32(): None,
    pa.list_(pa.float64()): [1.5],
}
COMPRESSIONS = ("none", "snappy", "zstd", "gzip")


def parquet_case(name: str, chance: Random, cuts: tuple[tuple[float, ...], ...]) -> Case:
    """Return a case of a Parquet file, mostly a damaged one."""
    kind, cells = _cells(chance, chance.choice([0, 1, 5, 40, 300]))
    notes = [chance.choice(["a", "b", "", " c ", 'say "so"', None]) for _ in cells]
    columns = {
        "id": pa.array(range(len(cells)), pa.int64()),
        "x": pa.array(cells, kind),
        "note": notes,
    }
    group = chance.choice([1, 7, 64, 1000])
    stream = io.BytesIO()
    pq.write_table(
        pa.table(columns),
        stream,
        row_group_size=group,
        write_page_checksum=True,
        compression=chance.choice(COMPRESSIONS),
        use_dictionary=chance.random() < 1 / 2,
        data_page_version=chance.choice(["1.0", "2.0"]),
        store_schema=chance.random() < 1 / 2,
    )
    options = Options(
        missing=chance.choice([(), (), ("-999",)]), on_invalid=chance.choice(["stop", "skip"])
    )
    query = Query(("x", "id"), ("note",)) if chance.random() < 1 / 3 else None
    case = Case(name, stream.getvalue(), ".parquet", options, query, cuts)
    case = replace(case, holds=_holds(case, kind, cells, notes, group))
    if chance.random() < 1 / 4:
        return case
    return replace(case, data=_damage(case.data, chance), damaged=True)


def _cells(chance: Random, rows: int) -> tuple[pa.DataType, list[Any]]:
    """Return the type of the column, and its cells."""
    if chance.random() < 1 / 16:
        kind = chance.choice(list(NO_NUMBERS))
        return kind, [NO_NUMBERS[kind]] * rows
    if chance.random() < 1 / 2:
        kind = chance.choice(list(INTEGERS))
        pool: list[Any] = [*INTEGERS[kind], None]
        if kind == pa.int64() and chance.random() < 1 / 4:
            pool.append(LARGEST_EXACT + 1)
    else:
        kind = pa.float64()
        pool = [*FLOATS, None, *([math.inf, -math.inf] if chance.random() < 1 / 3 else [])]
    return kind, [chance.choice(pool) for _ in range(rows)]


def _holds(
    case: Case, kind: pa.DataType, cells: list[Any], notes: list[str | None], group: int
) -> Outcome:
    """Return what a sound file holds."""
    if kind in NO_NUMBERS:
        return Refusal("type")
    gaps = [float(text) for text in case.options.missing]
    values = [math.nan if cell is None or float(cell) in gaps else cell for cell in cells]
    for row, value in enumerate(values):
        if math.isfinite(value) and abs(value) > LARGEST_EXACT and isinstance(value, int):
            return Refusal("cell", row // group)
        if math.isinf(value) and case.options.on_invalid == "stop":
            return Refusal("cell", row // group)
    valid = [float(value) for value in values if math.isfinite(value)]
    missing, invalid = (sum(map(test, values)) for test in (math.isnan, math.isinf))
    if not case.query:
        return Answer([valid], [], [missing], [invalid], [0])
    keys = [(note or "").strip().encode() for note in notes]
    every = [math.inf if math.isinf(value) else float(value) for value in values]
    return Answer(
        [every, [float(i) for i in range(len(cells))]],
        [len(key).to_bytes(4, "little") + key for key in keys],
        [missing, 0],
        [invalid, 0],
        [0, 0],
    )


def _damage(data: bytes, chance: Random) -> bytes:
    """Damage a file as disks and lines do; mostly its footer, where a bit tells most."""
    size = int.from_bytes(data[-FOOTER_END:-4], "little") + FOOTER_END
    kind = chance.randrange(8)
    if kind == 0:
        return data[: chance.randrange(len(data))]
    if kind == 1:
        at = chance.randrange(len(data))
        return data[:at] + data[at + chance.choice([1, 4, 512]) :]
    damaged = bytearray(data)
    first = len(data) - size if kind < 6 else 0
    for _ in range(chance.choice([1, 1, 1, 2, 8])):
        at = chance.randrange(first, len(data))
        damaged[at] ^= 1 << chance.randrange(8)
        if kind == 5:
            damaged[at] = chance.choice([0, 0xFF, 0x7F, 0x80])
    return bytes(damaged)
