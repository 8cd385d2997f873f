"""Numbers for pairs of integers, in the order in which they come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.numeric.jit import kernel

if TYPE_CHECKING:
    from pipeline.numeric.arrays import Integers

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_HALF = 32
_LOW = (1 << _HALF) - 1
_WORD_BITS = 64
_FIRST_BITS = 10


class PairTable:
    """Numbers pairs of int32; it grows. A slot holds a pair beside its number: one look finds it.

    Attributes:
        pairs: The pairs by their numbers, as `pack` makes them; the first `used` of them.
        used: How many there are.

    """

    def __init__(self) -> None:
        """Make a table without pairs."""
        self.pairs = np.empty(1 << (_FIRST_BITS - 1), np.int64)
        self.used = 0
        self._slots = np.empty(1 << _FIRST_BITS, np.int64)
        self._numbers = np.full(1 << _FIRST_BITS, -1, np.int32)

    def number(self, pairs: Integers) -> Integers:
        """Return the number of each of some packed `pairs`, int64 of shape (n,)."""
        numbers = np.empty(pairs.size, np.int64)
        done = 0
        while done < pairs.size:
            done, self.used = _number(
                pairs, done, numbers, self._slots, self._numbers, self.pairs, self.used
            )
            if done < pairs.size:
                self._grow()
        return numbers

    def known(self) -> tuple[Integers, Integers]:
        """Return the first and the second integers of all pairs, by their numbers."""
        packed = self.pairs[: self.used]
        return packed >> _HALF, (packed << _HALF) >> _HALF

    def _grow(self) -> None:
        """Make room for four times as many."""
        size = 4 * self._slots.size
        self._slots = np.empty(size, np.int64)
        self._numbers = np.full(size, -1, np.int32)
        self.pairs = np.concatenate((self.pairs, np.empty(size // 2 - self.pairs.size, np.int64)))
        entered = np.empty(self.used, np.int64)
        again = self.pairs[: self.used].copy()
        _number(again, 0, entered, self._slots, self._numbers, self.pairs, 0)


def pack(left: Integers, right: Integers) -> Integers:
    """Return pairs of int32 as one int64 each, shape (n,)."""
    packed: Integers = (left << _HALF) | (right & _LOW)
    return packed


@kernel
def _number(
    pairs: Integers,
    first: int,
    numbers: Integers,
    slots: Integers,
    slot_numbers: Integers,
    known: Integers,
    used: int,
) -> tuple[int, int]:
    """Fill `numbers` from index `first` on; return the index that found no room, and the used."""
    mask = slots.size - 1
    bits = 0
    while slots.size >> (bits + 1):
        bits += 1
    shift = np.uint64(_WORD_BITS - bits)
    for i in range(first, pairs.size):
        pair = pairs[i]
        slot = np.int64((np.uint64(pair) * _MULTIPLIER) >> shift)
        while slot_numbers[slot] >= 0 and slots[slot] != pair:
            slot = (slot + 1) & mask
        if slot_numbers[slot] < 0:
            if used == known.size:
                return i, used
            slots[slot] = pair
            slot_numbers[slot] = used
            known[used] = pair
            used += 1
        numbers[i] = slot_numbers[slot]
    return pairs.size, used
