"""Things of different sizes, one after the other in one array."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.numeric.jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.numeric.arrays import Integers


def narrow(numbers: Integers, smallest: type[np.integer[Any]] = np.int32) -> Integers:
    """Return integers that are not negative in the least type they fit, from `smallest` on.

    Kernels are compiled for each type anew: what they are given should not be smaller than int32.
    """
    largest = int(numbers.max(initial=0))
    kinds = (kind for kind in (smallest, np.int32) if largest <= np.iinfo(kind).max)
    return numbers.astype(next(kinds, np.int64), copy=False)


def bounds_of(sizes: Integers) -> Integers:
    """Return where each of things of these `sizes` begins, and the last ends: int64, (n + 1,)."""
    bounds = np.zeros(sizes.size + 1, np.int64)
    np.cumsum(sizes, out=bounds[1:])
    return bounds


@kernel
def take_slices(
    array: NDArray[Any], bounds: Integers, chosen: Integers, taken: Integers
) -> NDArray[Any]:
    """Return the slices of an `array`, between its `bounds`, with the indices `chosen`.

    They go one after the other to where the bounds `taken` say.
    """
    slices = np.empty(taken[-1], array.dtype)
    for i in range(chosen.size):
        start = bounds[chosen[i]]
        for j in range(taken[i], taken[i + 1]):
            slices[j] = array[start + j - taken[i]]
    return slices
