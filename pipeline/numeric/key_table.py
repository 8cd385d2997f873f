"""A table that numbers keys in the order in which they come, found by their hash."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.numeric.arrays import Bytes, Integers, Words
from pipeline.numeric.intrinsics import eight_bytes
from pipeline.numeric.jit import inlined, kernel
from pipeline.numeric.keys import MIXER, MULTIPLIER, PADDING, Keys

SHORT_BYTES = 16
"""Bytes of the longest key of which all are compared at once."""

_WORD = 8
_WORD_BITS = 64
_FIRST_SLOTS = 1 << 10
_SHORT_SLOT_BITS = 13


class KeyTable:
    """Numbers keys in the order in which they come; it grows.

    `short` has some short keys, each where its words say, so that most texts are found by one look:
    uint64 of shape (n, 4), the two words of a key, its size plus one (0 where there is none), and
    its number.
    """

    def __init__(self) -> None:
        """Make one without keys."""
        self.slots = np.full(_FIRST_SLOTS, -1, np.int64)
        self.text = np.empty(_FIRST_SLOTS * _WORD, np.uint8)
        self.bounds = np.zeros(_FIRST_SLOTS // 2 + 1, np.int64)
        self.hashes = np.empty(_FIRST_SLOTS // 2, np.uint64)
        self.used = 0
        self.short = np.zeros((1 << _SHORT_SLOT_BITS, 4), np.uint64)

    def keys(self) -> Keys:
        """Return the keys so far."""
        end = int(self.bounds[self.used])
        return Keys(
            np.concatenate((self.text[:end], np.zeros(PADDING, np.uint8))),
            self.bounds[: self.used + 1].copy(),
            self.hashes[: self.used].copy(),
        )

    def make_room(self, size: int) -> None:
        """Make room for one more key, of `size` bytes."""
        end = int(self.bounds[self.used])
        if end + size + PADDING > self.text.size:
            text = np.empty(2 * (end + size) + PADDING, np.uint8)
            text[:end] = self.text[:end]
            self.text = text
        if self.used == self.hashes.size:
            self.hashes = np.concatenate((self.hashes, np.empty_like(self.hashes)))
            self.bounds = np.concatenate((self.bounds, np.zeros(self.used, np.int64)))
            self.slots = np.full(2 * self.slots.size, -1, np.int64)
            _enter(self.slots, self.hashes, self.used)


@inlined
def short_words(text: Bytes, start: int, end: int) -> tuple[Any, Any]:
    """Return `text[start:end]`, at most sixteen bytes, as two words; as `hash_bytes` otherwise."""
    left = end - start
    low, high = eight_bytes(text, start), np.uint64(0)
    if left > _WORD:
        high = eight_bytes(text, start + _WORD)
        high &= ~np.uint64(0) >> np.uint64(8 * (SHORT_BYTES - left))
    elif left > 0:
        low &= ~np.uint64(0) >> np.uint64(8 * (_WORD - left))
    else:
        low = np.uint64(0)
    return low, high


@inlined
def short_slot(low: int, high: int) -> Any:
    """Return where in `KeyTable.short` a key of these words stands, if it does."""
    mixed = (low ^ (high * MIXER)) * MULTIPLIER
    return np.int64(mixed >> np.uint64(_WORD_BITS - _SHORT_SLOT_BITS))


@inlined
def find_key(
    slots: Integers,
    text: Bytes,
    bounds: Integers,
    hashes: Words,
    other: Bytes,
    start: int,
    end: int,
    hashed: int,
) -> Any:
    """Return the slot of the key `other[start:end]` or, if it is new, the free one for it.

    `slots` holds the numbers of keys, -1 where it is free; its size is a power of two.
    """
    mask = np.uint64(slots.size - 1)
    slot = np.int64(hashed & mask)
    while slots[slot] >= 0:
        key = slots[slot]
        if hashes[key] == hashed and same_bytes(
            text, bounds[key], bounds[key + 1], other, start, end
        ):
            break
        slot = np.int64(np.uint64(slot + 1) & mask)
    return slot


@inlined
def same_bytes(text: Bytes, start: int, end: int, other: Bytes, begin: int, stop: int) -> bool:
    """Whether `text[start:end]` is `other[begin:stop]`; eight bytes must follow both."""
    left = end - start
    if left != stop - begin:
        return False
    while left > 0:
        differing = eight_bytes(text, start) ^ eight_bytes(other, begin)
        if left < _WORD:
            differing &= (np.uint64(1) << np.uint64(8 * left)) - np.uint64(1)
        if differing:
            return False
        start += _WORD
        begin += _WORD
        left -= _WORD
    return True


@kernel
def _enter(slots: Integers, hashes: Words, used: int) -> None:
    """Enter the first `used` keys, which differ, into empty slots."""
    mask = np.uint64(slots.size - 1)
    for key in range(used):
        slot = np.int64(hashes[key] & mask)
        while slots[slot] >= 0:
            slot = np.int64(np.uint64(slot + 1) & mask)
        slots[slot] = key
