"""Keys: byte strings in arrays, found by their hash, numbered in the order in which they appear."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pipeline.numeric.arrays import Bytes, Integers, Words
from pipeline.numeric.intrinsics import eight_bytes
from pipeline.numeric.jit import inlined, kernel
from pipeline.numeric.slices import bounds_of, narrow, take_slices

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SHORT_BYTES = 16
"""Bytes of the longest key of which all are compared at once."""

PADDING = 8
"""Bytes that follow the text in an array of keys: a hash reads eight at a time."""

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_MIXER = np.uint64(0xD6E8FEB86659FD93)
_HALF = np.uint64(32)
_WORD = 8
_WORD_BITS = 64
_FIRST_SLOTS = 1 << 10
_SHORT_SLOT_BITS = 10


@dataclass(frozen=True, eq=False)
class Keys:
    """Different byte strings, in order.

    Attributes:
        text: Their bytes one after the other, uint8, and PADDING bytes.
        bounds: Where each begins and the last ends, integers of shape (number + 1,).
        hashes: The hash of each, uint64 of shape (number,).

    """

    text: Bytes
    bounds: Integers
    hashes: Words

    @classmethod
    def of(cls, keys: Iterable[bytes]) -> Keys:
        """Return the `keys`, which must differ."""
        parts = list(keys)
        text = np.frombuffer(b"".join(parts) + bytes(PADDING), np.uint8)
        bounds = np.cumsum([0, *map(len, parts)], dtype=np.int64)
        return cls(text, bounds, hash_all(text, bounds))

    def __len__(self) -> int:
        """Return how many there are."""
        return self.hashes.size

    @property
    def nbytes(self) -> int:
        """The memory of the arrays, in bytes."""
        return self.text.nbytes + self.bounds.nbytes + self.hashes.nbytes

    def to_list(self) -> list[bytes]:
        """Return them as bytes."""
        whole, bounds = self.text.tobytes(), self.bounds.tolist()
        return [whole[a:b] for a, b in pairwise(bounds)]

    def take(self, chosen: Integers) -> Keys:
        """Return those with the indices `chosen`, in that order."""
        bounds = bounds_of(np.diff(self.bounds)[chosen])
        text = take_slices(self.text, self.bounds, chosen, bounds)
        return Keys(_padded(text), narrow(bounds), self.hashes[chosen])

    def union(self, other: Keys) -> tuple[Keys, Integers]:
        """Return these keys followed by those that only `other` has, and where each of its is.

        The second is int64 of shape (number in other,).
        """
        places = _places(
            self.text, self.bounds, self.hashes, other.text, other.bounds, other.hashes
        )
        new = np.flatnonzero(places < 0)
        if not new.size:
            return self, places
        places[new] = len(self) + np.arange(new.size)
        return Keys.concatenate([self, other.take(new)]), places

    @classmethod
    def concatenate(cls, parts: Sequence[Keys]) -> Keys:
        """Return the keys of all `parts`, which differ, one after the other."""
        texts = [keys.text[: keys.bounds[-1]] for keys in parts]
        ends = np.cumsum([0, *(text.size for text in texts)])
        starts = zip(parts, ends.tolist(), strict=False)
        bounds = [keys.bounds[:-1].astype(np.int64) + start for keys, start in starts]
        return cls(
            np.concatenate((*texts, np.zeros(PADDING, np.uint8))),
            narrow(np.concatenate((*bounds, ends[-1:]))),
            np.concatenate([keys.hashes for keys in parts]),
        )


class Short(NamedTuple):
    """Some short keys of a table, each where its words say: most texts are found by one look.

    Fields:
        words: The two words of a key.
        sizes: How many bytes it has, -1 where there is none.
        numbers: Its number in the table.

    """

    words: Words
    sizes: Integers
    numbers: Integers


class KeyTable:
    """Numbers keys in the order in which they come; it grows."""

    def __init__(self) -> None:
        """Make one without keys."""
        self.slots = np.full(_FIRST_SLOTS, -1, np.int64)
        self.text = np.empty(_FIRST_SLOTS * _WORD, np.uint8)
        self.bounds = np.zeros(_FIRST_SLOTS // 2 + 1, np.int64)
        self.hashes = np.empty(_FIRST_SLOTS // 2, np.uint64)
        self.used = 0
        self.short = Short(
            np.zeros((1 << _SHORT_SLOT_BITS, 2), np.uint64),
            np.full(1 << _SHORT_SLOT_BITS, -1, np.int64),
            np.zeros(1 << _SHORT_SLOT_BITS, np.int64),
        )

    def keys(self) -> Keys:
        """Return the keys so far."""
        end = int(self.bounds[self.used])
        return Keys(
            _padded(self.text[:end]),
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
    """Return where in a `Short` a key of these words stands, if it does."""
    mixed = (low ^ (high * _MIXER)) * _MULTIPLIER
    return np.int64(mixed >> np.uint64(_WORD_BITS - _SHORT_SLOT_BITS))


@inlined
def hash_bytes(text: Bytes, start: int, end: int) -> Any:
    """Return the hash of `text[start:end]`, a uint64; eight bytes must follow `text[end - 1]`."""
    mixed = np.uint64(end - start) * _MULTIPLIER
    while start < end:
        word = eight_bytes(text, start)
        left = end - start
        if left < _WORD:
            word &= (np.uint64(1) << np.uint64(8 * left)) - np.uint64(1)
        mixed = (mixed ^ word) * _MIXER
        mixed ^= mixed >> _HALF
        start += _WORD
    mixed *= _MULTIPLIER
    return mixed ^ (mixed >> _HALF)


@kernel
def hash_all(text: Bytes, bounds: Integers) -> Words:
    """Return the hash of each key; `text` and `bounds` are those of `Keys`."""
    hashes = np.empty(bounds.size - 1, np.uint64)
    for i in range(hashes.size):
        hashes[i] = hash_bytes(text, bounds[i], bounds[i + 1])
    return hashes


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


@kernel
def _places(
    text: Bytes, bounds: Integers, hashes: Words, other: Bytes, others: Integers, hashed: Words
) -> Integers:
    """Return the index of each of the other keys among the keys, -1 where it is none."""
    size = _FIRST_SLOTS
    while size < 2 * hashes.size:
        size *= 2
    slots = np.full(size, -1, np.int64)
    _enter(slots, hashes, hashes.size)
    places = np.empty(hashed.size, np.int64)
    for i in range(hashed.size):
        slot = find_key(slots, text, bounds, hashes, other, others[i], others[i + 1], hashed[i])
        places[i] = slots[slot]
    return places


def _padded(text: Bytes) -> Bytes:
    return np.concatenate((text, np.zeros(PADDING, np.uint8)))
