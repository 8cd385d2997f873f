"""The kernels that number the keys of rows: texts, units of time, and what they are together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.formats.calendar import moment_of, unit_of, write_unit
from pipeline.numeric.jit import kernel
from pipeline.numeric.key_parts import LENGTH_BYTES
from pipeline.numeric.key_table import (
    SHORT_BYTES,
    find_key,
    short_slot,
    short_words,
)
from pipeline.numeric.keys import PADDING, hash_bytes

if TYPE_CHECKING:
    from pipeline.numeric.arrays import Bytes, Integers, Words


@kernel
def number_texts(
    data: Bytes,
    starts: Integers,
    ends: Integers,
    first: int,
    numbers: Integers,
    slots: Integers,
    text: Bytes,
    bounds: Integers,
    hashes: Words,
    short: Words,
    used: int,
) -> tuple[int, int]:
    """Fill `numbers`, from row `first` on, with those of the texts `data[starts[i]:ends[i]]`.

    The last six are a `KeyTable`. Return the row that found no room in it, or how many rows there
    are, and how many keys the table has. Eight bytes must follow each text.
    """
    for row in range(first, numbers.size):
        start, end = starts[row], ends[row]
        size = end - start
        low = high = np.uint64(0)
        place = 0
        if size <= SHORT_BYTES:
            low, high = short_words(data, start, end)
            place = short_slot(low, high)
            seen = short[place, 0] == low and short[place, 1] == high
            if seen and short[place, 2] == size + 1:
                numbers[row] = short[place, 3]
                continue
        hashed = hash_bytes(data, start, end)
        slot = find_key(slots, text, bounds, hashes, data, start, end, hashed)
        if slots[slot] < 0:
            if used == hashes.size or bounds[used] + size + PADDING > text.size:
                return row, used
            slots[slot] = used
            hashes[used] = hashed
            for i in range(size):
                text[bounds[used] + i] = data[start + i]
            bounds[used + 1] = bounds[used] + size
            used += 1
        numbers[row] = slots[slot]
        if size <= SHORT_BYTES:
            short[place, 0], short[place, 1] = low, high
            short[place, 2], short[place, 3] = size + 1, slots[slot]
    return numbers.size, used


@kernel
def number_units(seconds: Integers, unit: int, numbers: Integers) -> None:
    """Fill `numbers` with those of the units of time, by its index in UNITS, of `seconds`."""
    for row in range(seconds.size):
        numbers[row] = unit_of(seconds[row], unit)


@kernel
def spell_units(numbers: Integers, unit: int, text: Bytes, bounds: Integers) -> None:
    """Write the texts of units of time, given by their numbers, and where each begins and ends."""
    place = 0
    for i in range(numbers.size):
        place = write_unit(moment_of(numbers[i], unit), unit, text, place)
        bounds[i + 1] = place


@kernel
def join_parts(
    text: Bytes,
    bounds: Integers,
    chosen: Integers,
    sizes: Integers,
    places: Integers,
    joined: Bytes,
) -> None:
    """Append a part to each key: its length in LENGTH_BYTES, then its text.

    Key i's part is number `chosen[i]` of those in `text`, `sizes[i]` bytes long, and goes to
    `joined[places[i]]`.
    """
    for i in range(chosen.size):
        place = places[i]
        for j in range(LENGTH_BYTES):
            joined[place + j] = (sizes[i] >> (8 * j)) & 0xFF
        place += LENGTH_BYTES
        start = bounds[chosen[i]]
        for j in range(sizes[i]):
            joined[place + j] = text[start + j]
