"""The kernels of grouped summaries: rows sorted into groups, and groups merged, array by array.

A group's entries are its distinct values in rising order; its ends are its first and its last
`window` values, or all of them if they are no more than twice as many: then it is short.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.numeric.intrinsics import float_bits
from pipeline.numeric.jit import kernel
from pipeline.numeric.merging import merge_rising
from pipeline.numeric.sorting import rising

if TYPE_CHECKING:
    from pipeline.numeric.arrays import Bools, Floats, Integers
    from pipeline.numeric.merging import EntryArrays

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_WORD_BITS = 64


@kernel
def first_rows(codes: Integers, groups: int) -> Integers:
    """Return the first row of each group, -1 where it has none; the rows' groups are `codes`."""
    firsts = np.full(groups, -1, np.int64)
    for row in range(codes.size):
        if firsts[codes[row]] < 0:
            firsts[codes[row]] = row
    return firsts


@kernel
def tally(codes: Integers, cells: Floats, counters: Integers) -> None:
    """Count each group's cells into `counters`: valid, missing (NaN), invalid (inf), out (-inf).

    `counters` is int64 of shape (4, groups).
    """
    for row in range(codes.size):
        cell = cells[row]
        if cell - cell == 0.0:
            kind = 0
        elif cell != cell:
            kind = 1
        elif cell > 0:
            kind = 2
        else:
            kind = 3
        counters[kind, codes[row]] += 1


@kernel
def sort_into_groups(codes: Integers, cells: Floats, places: Integers, size: int) -> Floats:
    """Return the valid cells, of which there are `size`, group by group, each in its order.

    Those of group g go to where `places[g]` says, which is moved on.
    """
    ordered = np.empty(size, np.float64)
    for row in range(codes.size):
        cell = cells[row]
        if cell - cell == 0.0:
            ordered[places[codes[row]]] = cell + 0.0
            places[codes[row]] += 1
    return ordered


@kernel
def count_entries(
    ordered: Floats,
    bounds: Integers,
    chosen: Bools,
    entry_bounds: Integers,
    values: Floats,
    counts: Integers,
    firsts: Integers,
) -> int:
    """Fill the entries of each group that is `chosen` from its values; return how many there are.

    `values`, `counts` and `firsts` have room for as many as there are values.
    """
    largest = 0
    for group in range(chosen.size):
        if chosen[group]:
            largest = max(largest, bounds[group + 1] - bounds[group])
    bits = 1
    while 1 << bits < 2 * largest:
        bits += 1
    slots = np.full(1 << bits, -1, np.int32)
    found = np.empty(largest, np.float64)
    numbers = np.empty(largest, np.int64)
    places = np.empty(largest, np.int64)
    used = 0
    for group in range(chosen.size):
        entry_bounds[group] = used
        if not chosen[group]:
            continue
        start, size = bounds[group], bounds[group + 1] - bounds[group]
        bits = 1
        while 1 << bits < 2 * size:
            bits += 1
        mask = (1 << bits) - 1
        shift = np.uint64(_WORD_BITS - bits)
        slots[: mask + 1] = -1
        distinct = 0
        for i in range(size):
            value = ordered[start + i]
            slot = np.int64((float_bits(value) * _GOLDEN) >> shift)
            while slots[slot] >= 0 and found[slots[slot]] != value:
                slot = (slot + 1) & mask
            entry = slots[slot]
            if entry >= 0:
                numbers[entry] += 1
            else:
                slots[slot] = distinct
                found[distinct] = value
                numbers[distinct] = 1
                places[distinct] = i
                distinct += 1
        for entry in rising(found[:distinct]):
            values[used] = found[entry]
            counts[used] = numbers[entry]
            firsts[used] = places[entry]
            used += 1
    entry_bounds[chosen.size] = used
    return used


@kernel
def copy_ends(ordered: Floats, bounds: Integers, window: int, end_bounds: Integers) -> Floats:
    """Return the ends of each group's values; `end_bounds` says where they go."""
    ends = np.empty(end_bounds[-1], np.float64)
    for group in range(bounds.size - 1):
        size = bounds[group + 1] - bounds[group]
        place = end_bounds[group]
        for i in range(size):
            if size <= 2 * window or i < window or i >= size - window:
                ends[place] = ordered[bounds[group] + i]
                place += 1
    return ends


@kernel
def merge_ends(
    left: Floats,
    left_bounds: Integers,
    left_counts: Integers,
    lefts: Integers,
    right: Floats,
    right_bounds: Integers,
    right_counts: Integers,
    rights: Integers,
    window: int,
    end_bounds: Integers,
) -> Floats:
    """Return the ends of merged groups: `lefts` and `rights` have each one's numbers, or -1."""
    ends = np.empty(end_bounds[-1], np.float64)
    for group in range(lefts.size):
        place = end_bounds[group]
        one, other = lefts[group], rights[group]
        a = b = c = d = 0
        before = after = 0
        if one >= 0:
            a, b = left_bounds[one], left_bounds[one + 1]
            before = left_counts[one]
        if other >= 0:
            c, d = right_bounds[other], right_bounds[other + 1]
            after = right_counts[other]
        if before + after <= 2 * window:
            for i in range(a, b):
                ends[place + i - a] = left[i]
            for i in range(c, d):
                ends[place + b - a + i - c] = right[i]
            continue
        head = min(before, window)
        for i in range(head):
            ends[place + i] = left[a + i]
        for i in range(window - head):
            ends[place + head + i] = right[c + i]
        tail = min(after, window)
        place += window
        for i in range(window - tail):
            ends[place + i] = left[b - (window - tail) + i]
        for i in range(tail):
            ends[place + window - tail + i] = right[d - tail + i]
    return ends


@kernel
def merge_entries(
    left_bounds: Integers,
    left: EntryArrays,
    lefts: Integers,
    right_bounds: Integers,
    right: EntryArrays,
    rights: Integers,
    offsets: Integers,
    bounds: Integers,
    merged: EntryArrays,
) -> int:
    """Fill the entries of merged groups; return how many there are.

    `lefts` and `rights` are as in `merge_ends`; `offsets` has how many values each group has on the
    left.
    """
    n = 0
    for group in range(lefts.size):
        bounds[group] = n
        i = stop = j = end = 0
        if lefts[group] >= 0:
            i, stop = left_bounds[lefts[group]], left_bounds[lefts[group] + 1]
        if rights[group] >= 0:
            j, end = right_bounds[rights[group]], right_bounds[rights[group] + 1]
        n = merge_rising(left, i, stop, right, j, end, offsets[group], merged, n)
    bounds[lefts.size] = n
    return n


@kernel
def join_seams(
    left: Floats,
    left_bounds: Integers,
    left_counts: Integers,
    lefts: Integers,
    right: Floats,
    right_bounds: Integers,
    right_counts: Integers,
    rights: Integers,
    chosen: Integers,
    window: int,
) -> tuple[Floats, Integers]:
    """Return the values of the `chosen` groups whose windows nobody has summed, and their bounds.

    Of a group that is short on one side these are all of its values there, else those that a window
    across the seam may hold. The rest is as in `merge_ends`.
    """
    bounds = np.zeros(chosen.size + 1, np.int64)
    joined = np.empty(2 * window * 2 * chosen.size, np.float64)
    n = 0
    for i in range(chosen.size):
        one, other = lefts[chosen[i]], rights[chosen[i]]
        if one >= 0:
            start, stop = left_bounds[one], left_bounds[one + 1]
            if left_counts[one] > 2 * window:
                start = stop - (window - 1)
            for j in range(start, stop):
                joined[n] = left[j]
                n += 1
        if other >= 0:
            start, stop = right_bounds[other], right_bounds[other + 1]
            if right_counts[other] > 2 * window:
                stop = start + window - 1
            for j in range(start, stop):
                joined[n] = right[j]
                n += 1
        bounds[i + 1] = n
    return joined[:n], bounds
