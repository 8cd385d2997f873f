"""The keys of rows: each part is numbered for itself, and a group is a tuple of such numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.formats.key_kernel import (
    join_parts,
    number_texts,
    number_tuples,
    number_units,
    spell_units,
)
from pipeline.formats.selection import CONSTANT
from pipeline.formats.times import LONGEST_UNIT
from pipeline.numeric.keys import LENGTH_BYTES, PADDING, Keys, KeyTable, hash_all

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.formats.fields import Fields
    from pipeline.formats.selection import KeyPart
    from pipeline.numeric.arrays import Bytes, Integers

_FIRST_SLOTS = 1 << 11


class RowKeys:
    """Numbers the groups of rows in the order in which they come."""

    def __init__(self, parts: Sequence[KeyPart], encoding: str) -> None:
        """Take the parts of a key, and the encoding of its texts."""
        self._parts = parts
        self._encoding = encoding
        self._texts = [KeyTable() for _ in parts]
        self._one_text = len(parts) == 1 and parts[0].unit < 0 and parts[0].unit != CONSTANT
        self._slots = np.full(_FIRST_SLOTS, -1, np.int64)
        self._known = np.empty((_FIRST_SLOTS // 2, len(parts)), np.int64)
        self._used = 0

    def codes(self, fields: Fields, times: Mapping[int, Integers]) -> Integers:
        """Return the number of each row's group, int64; `times` are those of time columns."""
        numbers = np.zeros((len(self._parts), len(fields)), np.int64)
        for k, part in enumerate(self._parts):
            if part.unit >= 0:
                number_units(times[part.time], part.unit, numbers[k])
            elif part.unit != CONSTANT:
                starts, ends = fields.starts[part.place], fields.ends[part.place]
                self._number(self._texts[k], fields.data, starts, ends, numbers[k])
        if self._one_text:
            numbered: Integers = numbers[0]
            return numbered
        codes = np.empty(len(fields), np.int64)
        row = 0
        while row < codes.size:
            row, self._used = number_tuples(
                numbers, row, codes, self._slots, self._known, self._used
            )
            if row < codes.size:
                self._grow()
        return codes

    def _number(
        self, table: KeyTable, data: Bytes, starts: Integers, ends: Integers, numbers: Integers
    ) -> None:
        row = 0
        while row < numbers.size:
            table.make_room(int(ends[row] - starts[row]))
            row, table.used = number_texts(
                *(data, starts, ends, row, numbers),
                *(table.slots, table.text, table.bounds, table.hashes, table.short, table.used),
            )

    def _grow(self) -> None:
        """Make room for twice as many groups."""
        known = self._known[: self._used]
        self._slots = np.full(2 * self._slots.size, -1, np.int64)
        self._known = np.empty((self._slots.size // 2, len(self._parts)), np.int64)
        again = np.ascontiguousarray(known.T)
        number_tuples(again, 0, np.empty(self._used, np.int64), self._slots, self._known, 0)

    def keys(self) -> Keys:
        """Return the keys of the groups, in UTF-8; see `numeric.keys.join_key`."""
        if self._one_text:
            used = self._texts[0].used
            known = np.arange(used).reshape(used, 1)
        else:
            known = self._known[: self._used]
        texts = [self._spelled(k, part, known[:, k]) for k, part in enumerate(self._parts)]
        sizes = [np.diff(bounds)[chosen] for _, bounds, chosen in texts]
        bounds = np.zeros(len(known) + 1, np.int64)
        np.cumsum(sum(sizes) + LENGTH_BYTES * len(texts), out=bounds[1:])
        joined = np.zeros(int(bounds[-1]) + PADDING, np.uint8)
        places = bounds[:-1].copy()
        for (text, starts, chosen), size in zip(texts, sizes, strict=True):
            join_parts(text, starts, chosen, size, places, joined)
            places += size + LENGTH_BYTES
        return Keys(joined, bounds, hash_all(joined, bounds))

    def _spelled(
        self, k: int, part: KeyPart, numbers: Integers
    ) -> tuple[Bytes, Integers, Integers]:
        """Return texts, their bounds, and which of them is that of each of the `numbers`."""
        if part.unit >= 0:
            units, chosen = np.unique(numbers, return_inverse=True)
            text = np.zeros(units.size * LONGEST_UNIT, np.uint8)
            bounds = np.zeros(units.size + 1, np.int64)
            spell_units(units, part.unit, text, bounds)
            return text, bounds, chosen
        keys = Keys.of([part.text]) if part.unit == CONSTANT else self._texts[k].keys()
        if self._encoding != "utf-8":
            keys = Keys.of(_transcode(text, self._encoding) for text in keys.to_list())
        return keys.text, keys.bounds, numbers


def _transcode(text: bytes, encoding: str) -> bytes:
    return text.decode(encoding, "surrogateescape").encode("utf-8", "surrogateescape")
