"""The file of distributions: a row for each distinct value, and only some of them in memory."""

from __future__ import annotations

from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.numeric.key_parts import split_key
from pipeline.report.arrow_csv import header_line, lines, readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pipeline.statistics.listing import Listing

_BLOCK = 1 << 20
"""Bytes of the file that are read at a time when it goes to its place."""

_ROWS = 1 << 17
"""Rows that are made at a time."""

NUMBERS = {
    "value": pa.float64(),
    "count": pa.int64(),
    "first_position": pa.int64(),
    "share_at_or_below": pa.float64(),
    "share_above": pa.float64(),
}
"""The columns behind those that say whose value it is."""


class DistributionFile:
    """Rows of distinct values, which wait in a temporary file until the results are written.

    `name` is that of the file which they become.
    """

    def __init__(self, name: str) -> None:
        """Take the name: it tells the format."""
        self.name = name
        self._write = _write_parquet if name.lower().endswith(".parquet") else _write_csv
        self._file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - it lives as long as this

    def take(
        self, columns: Mapping[int, str], keys: Sequence[str], listings: Iterable[Listing]
    ) -> None:
        """Take all `listings` of the `columns`, by their indices, grouped by the `keys`."""
        fronts = (["column"] if len(columns) > 1 else []) + [*keys]
        parts = (
            _rows(fronts, columns, listing, slice(start, start + _ROWS))
            for listing in listings
            for start in range(0, listing.values.size, _ROWS)
        )
        self._write(self._file, fronts, parts)

    def content(self) -> Iterator[bytes]:
        """Yield the bytes of the file."""
        self._file.seek(0)
        while block := self._file.read(_BLOCK):
            yield block


def _rows(
    fronts: Sequence[str], columns: Mapping[int, str], listing: Listing, here: slice
) -> pa.Table:
    """Return some rows; texts are bytes."""
    values, counts, firsts, below, totals = (array[here] for array in listing[1:6])
    texts: list[pa.Array] = []
    if len(columns) > 1:
        texts.append(pa.repeat(pa.scalar(columns[listing.column].encode()), values.size))
    if listing.groups is not None and listing.keys is not None:
        groups, numbers = np.unique(listing.groups[here], return_inverse=True)
        parts = zip(*map(split_key, listing.keys.take(groups).to_list()), strict=True)
        texts += [pa.array(part, pa.binary()).take(pa.array(numbers)) for part in parts]
    arrays = (values, counts, firsts, below / totals, (totals - below) / totals)
    typed = [pa.array(a, kind) for a, kind in zip(arrays, NUMBERS.values(), strict=True)]
    return pa.Table.from_arrays([*texts, *typed], [*fronts, *NUMBERS])


def _write_csv(file: IO[bytes], fronts: Sequence[str], parts: Iterable[pa.Table]) -> None:
    file.write(header_line([*fronts, *NUMBERS]))
    for rows in parts:
        file.write(lines(rows))


def _write_parquet(file: IO[bytes], fronts: Sequence[str], parts: Iterable[pa.Table]) -> None:
    texts = [pa.field(name, pa.string()) for name in fronts]
    schema = pa.schema([*texts, *NUMBERS.items()])
    with pq.ParquetWriter(file, schema) as writer:
        for rows in parts:
            writer.write_table(readable(rows))
