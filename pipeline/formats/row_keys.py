"""The keys of rows: each part is numbered for itself, and a group is a tuple of such numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.formats.calendar import LONGEST_UNIT
from pipeline.formats.key_kernel import (
    join_parts,
    number_texts,
    number_units,
    spell_units,
)
from pipeline.formats.selection import CONSTANT
from pipeline.numeric.key_parts import LENGTH_BYTES
from pipeline.numeric.key_table import KeyTable
from pipeline.numeric.keys import PADDING, Keys, hash_all
from pipeline.numeric.pairs import PairTable, pack
from pipeline.numeric.slices import bounds_of, narrow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.formats.fields import Fields
    from pipeline.formats.selection import KeyPart
    from pipeline.numeric.arrays import Bytes, Integers


class RowKeys:
    """Numbers the groups of rows in the order in which they come.

    The parts of a key are put together one by one: what stands for the first of them makes a pair
    with the next.
    """

    def __init__(self, parts: Sequence[KeyPart], encoding: str) -> None:
        """Take the parts of a key, and the encoding of its texts."""
        self._parts = parts
        self._encoding = encoding
        self._texts = [KeyTable() for _ in parts]
        self._pairs = [PairTable() for _ in parts]
        self._used = 0

    def codes(self, fields: Fields, times: Mapping[int, Integers]) -> Integers:
        """Return the number of each row's group, int64; `times` are those of time columns."""
        codes: Integers = np.zeros(len(fields), np.int64)
        for k, part in enumerate(self._parts):
            numbers = np.zeros(len(fields), np.int64)
            if part.unit >= 0:
                number_units(times[part.time], part.unit, numbers)
            elif part.unit != CONSTANT:
                starts, ends = fields.starts[part.place], fields.ends[part.place]
                self._number(self._texts[k], fields.data, starts, ends, numbers)
            codes = (
                numbers if self._is_first_text(k) else self._pairs[k].number(pack(codes, numbers))
            )
        self._used = max(self._used, int(codes.max(initial=-1)) + 1)
        return codes

    def _is_first_text(self, k: int) -> bool:
        """Whether the numbers of a part are those of the groups so far."""
        return k == 0 and self._parts[k].unit < 0

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

    def keys(self) -> Keys:
        """Return the keys of the groups, in UTF-8; see `numeric.key_parts.join_key`."""
        chosen: Integers = np.arange(self._used)
        texts = []
        for k, part in reversed(list(enumerate(self._parts))):
            numbers = chosen
            if not self._is_first_text(k):
                chosen, numbers = (found[chosen] for found in self._pairs[k].known())
            texts.append(self._spelled(k, part, numbers))
        texts.reverse()
        sizes = [np.diff(bounds)[numbers] for _, bounds, numbers in texts]
        bounds = bounds_of(np.sum(sizes, axis=0) + LENGTH_BYTES * len(texts))
        joined = np.zeros(int(bounds[-1]) + PADDING, np.uint8)
        places = bounds[:-1].copy()
        for (text, starts, numbers), size in zip(texts, sizes, strict=True):
            join_parts(text, starts, numbers, size, places, joined)
            places += size + LENGTH_BYTES
        return Keys(joined, narrow(bounds), hash_all(joined, bounds))

    def _spelled(
        self, k: int, part: KeyPart, numbers: Integers
    ) -> tuple[Bytes, Integers, Integers]:
        """Return texts, their bounds, and which of them is that of each of the `numbers`."""
        if part.unit >= 0:
            table = PairTable()
            chosen = table.number(numbers)
            units = table.pairs[: table.used]
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
