"""Keys: byte strings in arrays, each with its hash; sorted ones merge in one walk."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.numeric.arrays import Bytes, Integers, Words
from pipeline.numeric.intrinsics import eight_bytes, put_eight_bytes
from pipeline.numeric.jit import inlined, kernel
from pipeline.numeric.slices import bounds_of, narrow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PADDING = 8
"""Bytes that follow the text in an array of keys: a hash reads eight at a time."""

MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
MIXER = np.uint64(0xD6E8FEB86659FD93)
"""Odd numbers whose bits are spread: a product with one mixes bits."""

_HALF = np.uint64(32)
_WORD = 8


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
        text = _take_texts(self.text, self.bounds.astype(np.int64, copy=False), chosen, bounds)
        return Keys(text, narrow(bounds), self.hashes[chosen])

    def between(self, start: int, stop: int) -> Keys:
        """Return those with the indices from `start` to before `stop`, as a view."""
        bounds = self.bounds[start : stop + 1]
        text = self.text[bounds[0] : bounds[-1] + PADDING]
        return Keys(text, bounds - bounds[0], self.hashes[start:stop])

    def order(self) -> Integers:
        """Return the indices of the keys in rising order: by their hash, then by their bytes."""
        order = np.argsort(self.hashes)
        ranked = self.hashes[order]
        if (ranked[1:] == ranked[:-1]).any():
            pairs = list(zip(self.hashes.tolist(), self.to_list(), strict=True))
            order = np.array(sorted(range(len(pairs)), key=pairs.__getitem__), np.int64)
        return order

    def merge(self, other: Keys) -> tuple[Keys, Integers, Integers]:
        """Return the keys that are in either, and the index of each in both: -1 where it is not.

        All rise, in the sense of `order`.
        """
        room = len(self) + len(other)
        lefts, rights = np.empty(room, np.int64), np.empty(room, np.int64)
        bounds, hashes = np.zeros(room + 1, np.int64), np.empty(room, np.uint64)
        left, right = (one.bounds.astype(np.int64, copy=False) for one in (self, other))
        used = _interleave(
            *(self.text, left, self.hashes, other.text, right, other.hashes),
            *(lefts, rights, bounds, hashes),
        )
        lefts, rights, bounds = lefts[:used], rights[:used], bounds[: used + 1]
        text = _texts_of_both(self.text, left, other.text, right, lefts, rights, bounds)
        return Keys(text, narrow(bounds), hashes[:used].copy()), lefts, rights

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


@inlined
def hash_bytes(text: Bytes, start: int, end: int) -> Any:
    """Return the hash of `text[start:end]`, a uint64; eight bytes must follow `text[end - 1]`."""
    mixed = np.uint64(end - start) * MULTIPLIER
    while start < end:
        word = eight_bytes(text, start)
        left = end - start
        if left < _WORD:
            word &= (np.uint64(1) << np.uint64(8 * left)) - np.uint64(1)
        mixed = (mixed ^ word) * MIXER
        mixed ^= mixed >> _HALF
        start += _WORD
    mixed *= MULTIPLIER
    return mixed ^ (mixed >> _HALF)


@kernel
def hash_all(text: Bytes, bounds: Integers) -> Words:
    """Return the hash of each key; `text` and `bounds` are those of `Keys`."""
    hashes = np.empty(bounds.size - 1, np.uint64)
    for i in range(hashes.size):
        hashes[i] = hash_bytes(text, bounds[i], bounds[i + 1])
    return hashes


@kernel
def _interleave(
    text: Bytes,
    bounds: Integers,
    hashes: Words,
    other: Bytes,
    others: Integers,
    hashed: Words,
    lefts: Integers,
    rights: Integers,
    merged_bounds: Integers,
    merged_hashes: Words,
) -> int:
    """Fill the last four, which have room for all keys, as `Keys.merge` says; return how many."""
    i = j = n = 0
    while i < hashes.size or j < hashed.size:
        left, right = i < hashes.size, j < hashed.size
        if left and right:
            left, right = hashes[i] <= hashed[j], hashed[j] <= hashes[i]
            if left and right:
                compared = _compared(
                    text[bounds[i] : bounds[i + 1]], other[others[j] : others[j + 1]]
                )
                left, right = compared <= 0, compared >= 0
        lefts[n] = i if left else -1
        rights[n] = j if right else -1
        merged_hashes[n] = hashes[i] if left else hashed[j]
        size = bounds[i + 1] - bounds[i] if left else others[j + 1] - others[j]
        merged_bounds[n + 1] = merged_bounds[n] + size
        i += left
        j += right
        n += 1
    return n


@inlined
def _compared(one: Bytes, other: Bytes) -> int:
    """Return -1, 0 or 1 where a text comes before another, is the same, or comes after it."""
    for i in range(min(one.size, other.size)):
        if one[i] != other[i]:
            return -1 if one[i] < other[i] else 1
    longer: int = np.sign(one.size - other.size)
    return longer


@inlined
def _copy(source: Bytes, start: int, end: int, target: Bytes, place: int) -> None:
    """Copy `source[start:end]` to `target[place:]`, and up to seven bytes more."""
    for i in range(start, end, _WORD):
        put_eight_bytes(target, place + i - start, eight_bytes(source, i))


@kernel
def _take_texts(text: Bytes, bounds: Integers, chosen: Integers, taken: Integers) -> Bytes:
    """Return the texts of the `chosen` keys, each where the bounds `taken` say, and PADDING."""
    texts = np.empty(taken[-1] + PADDING, np.uint8)
    for i in range(chosen.size):
        _copy(text, bounds[chosen[i]], bounds[chosen[i] + 1], texts, taken[i])
    texts[taken[-1] :] = 0
    return texts


@kernel
def _texts_of_both(
    text: Bytes,
    bounds: Integers,
    other: Bytes,
    others: Integers,
    lefts: Integers,
    rights: Integers,
    merged: Integers,
) -> Bytes:
    """Return the texts of merged keys, each where the bounds `merged` say, and PADDING."""
    texts = np.empty(merged[-1] + PADDING, np.uint8)
    for i in range(lefts.size):
        if lefts[i] >= 0:
            _copy(text, bounds[lefts[i]], bounds[lefts[i] + 1], texts, merged[i])
        else:
            _copy(other, others[rights[i]], others[rights[i] + 1], texts, merged[i])
    texts[merged[-1] :] = 0
    return texts
