"""The parts of a key, one for each key column: how they make one byte string, and come out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.numeric.jit import kernel
from pipeline.numeric.slices import bounds_of

if TYPE_CHECKING:
    from pipeline.numeric.arrays import Bytes, Integers
    from pipeline.numeric.keys import Keys

LENGTH_BYTES = 4
"""Bytes that tell the length of each part of a key."""


def join_key(parts: list[bytes]) -> bytes:
    """Return the key of a row whose key columns hold `parts`: each after four bytes of length."""
    return b"".join(len(part).to_bytes(LENGTH_BYTES, "little") + part for part in parts)


def split_key(key: bytes) -> list[bytes]:
    """Return the parts of a key that `join_key` made."""
    parts, place = [], 0
    while place < len(key):
        size = int.from_bytes(key[place : place + LENGTH_BYTES], "little")
        place += LENGTH_BYTES + size
        parts.append(key[place - size : place])
    return parts


def part_of_all(keys: Keys, part: int) -> tuple[Bytes, Integers]:
    """Return one part, by its index, of all `keys`: the texts, and where each begins and ends.

    The first is uint8, the second int64 of shape (number + 1,).
    """
    starts = np.empty(len(keys), np.int64)
    sizes = np.empty(len(keys), np.int64)
    _find_part(keys.text, keys.bounds, part, starts, sizes)
    bounds = bounds_of(sizes)
    return _gathered(keys.text, starts, bounds), bounds


@kernel
def _find_part(text: Bytes, bounds: Integers, part: int, starts: Integers, sizes: Integers) -> None:
    """Fill where a part of each key begins, and how long it is."""
    for i in range(starts.size):
        place = np.int64(bounds[i])
        size = np.int64(0)
        for _ in range(part + 1):
            place += size
            size = np.int64(0)
            for j in range(LENGTH_BYTES):
                size |= np.int64(text[place + j]) << (8 * j)
            place += LENGTH_BYTES
        starts[i] = place
        sizes[i] = size


@kernel
def _gathered(text: Bytes, starts: Integers, bounds: Integers) -> Bytes:
    """Return the texts that begin at `starts`, one after the other, each between its `bounds`."""
    found = np.empty(bounds[-1], np.uint8)
    for i in range(starts.size):
        for j in range(bounds[i], bounds[i + 1]):
            found[j] = text[starts[i] + j - bounds[i]]
    return found
