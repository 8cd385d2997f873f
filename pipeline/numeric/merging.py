"""Merging entries in rising order: values, how often each comes, and where it comes first.

Which of two values is less, nobody can predict, a processor included. So the next entry is chosen
by arithmetic, and both halves of what is merged are merged beside each other: while one waits for
its comparison, the other goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.numeric.jit import inlined

if TYPE_CHECKING:
    from pipeline.numeric.arrays import Floats, Integers

    EntryArrays = tuple[Floats, Integers, Integers]

_ONE = np.uint64(1)


@inlined
def merge_rising(
    ours: EntryArrays,
    start: int,
    end: int,
    theirs: EntryArrays,
    begin: int,
    stop: int,
    offset: int,
    merged: EntryArrays,
    place: int,
) -> Any:
    """Merge entries `ours[start:end]` with `theirs[begin:stop]` into `merged`, from `place` on.

    Return the place behind the last one; there is room for all. A value that both have gets both
    counts and our first position; positions of `theirs` begin `offset` values later.
    """
    # An index that has a sign would be looked at each time, for it might be negative.
    i, j, n = np.uint64(start), np.uint64(begin), np.uint64(place)
    last, latest = np.uint64(end), np.uint64(stop)
    middle, cut = i + ((last - i) >> _ONE), j
    if start < end:
        cut += np.uint64(np.searchsorted(theirs[0][begin:stop], ours[0][middle]))
    upper = n + (middle - i) + (cut - j)
    p, q, m = middle, cut, upper
    while i < middle and j < cut and p < last and q < latest:
        i, j, n = _next(ours, i, theirs, j, offset, merged, n)
        p, q, m = _next(ours, p, theirs, q, offset, merged, m)
    n = _rest(ours, i, middle, theirs, j, cut, offset, merged, n)
    m = _rest(ours, p, last, theirs, q, latest, offset, merged, m)
    for source in range(upper, m):
        merged[0][n] = merged[0][source]
        merged[1][n] = merged[1][source]
        merged[2][n] = merged[2][source]
        n += _ONE
    return np.int64(n)


@inlined
def _next(
    ours: EntryArrays, i: int, theirs: EntryArrays, j: int, offset: int, merged: EntryArrays, n: int
) -> tuple[Any, Any, Any]:
    """Put the least of `ours[i]` and `theirs[j]`, or what both are, into `merged[n]`; go on."""
    value, other = ours[0][i], theirs[0][j]
    left, right = np.int64(value <= other), np.int64(other <= value)
    first, later = np.int64(ours[2][i]), np.int64(theirs[2][j]) + offset
    merged[0][n] = min(value, other)
    merged[1][n] = np.int64(ours[1][i]) * left + np.int64(theirs[1][j]) * right
    merged[2][n] = later + (first - later) * left
    return i + np.uint64(left), j + np.uint64(right), n + _ONE


@inlined
def _rest(
    ours: EntryArrays,
    i: Any,
    end: int,
    theirs: EntryArrays,
    j: Any,
    stop: int,
    offset: int,
    merged: EntryArrays,
    n: Any,
) -> Any:
    """Merge `ours[i:end]` with `theirs[j:stop]`, one after the other."""
    while i < end and j < stop:
        i, j, n = _next(ours, i, theirs, j, offset, merged, n)
    while i < end:
        merged[0][n], merged[1][n], merged[2][n] = ours[0][i], ours[1][i], ours[2][i]
        i += _ONE
        n += _ONE
    while j < stop:
        merged[0][n], merged[1][n] = theirs[0][j], theirs[1][j]
        merged[2][n] = np.int64(theirs[2][j]) + offset
        j += _ONE
        n += _ONE
    return n
