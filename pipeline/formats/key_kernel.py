"""The kernel that numbers the keys of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.formats.times import write_unit
from pipeline.numeric.jit import kernel
from pipeline.numeric.keys import LENGTH_BYTES, PADDING, find_key, hash_bytes, same_bytes

if TYPE_CHECKING:
    from pipeline.numeric.arrays import Bytes, Integers, Words


@kernel
def number_keys(
    data: Bytes,
    starts: Integers,
    ends: Integers,
    places: Integers,
    units: Integers,
    seconds: Integers,
    constant: Bytes,
    sizes: Integers,
    first: int,
    scratch: Bytes,
    codes: Integers,
    slots: Integers,
    text: Bytes,
    bounds: Integers,
    hashes: Words,
    used: int,
) -> tuple[int, int]:
    """Fill `codes` from row `first` on; return the row that found no room, and the keys so far.

    A part of the key is a unit of time where `units` is 0 or more, the text of a field where it is
    -1, and a constant of so many `sizes` bytes where it is -2. `scratch` has room for one key.
    """
    last = -1
    for row in range(first, codes.size):
        end = skipped = 0
        for k in range(places.size):
            place = end + LENGTH_BYTES
            if units[k] >= 0:
                stop = write_unit(seconds[k, row], units[k], scratch, place)
            elif units[k] == -1:
                start = starts[places[k], row]
                stop = place + ends[places[k], row] - start
                for i in range(stop - place):
                    scratch[place + i] = data[start + i]
            else:
                stop = place + sizes[k]
                for i in range(sizes[k]):
                    scratch[place + i] = constant[skipped + i]
                skipped += sizes[k]
            size = stop - place
            for i in range(LENGTH_BYTES):
                scratch[end + i] = (size >> (8 * i)) & 0xFF
            end = stop
        if last >= 0 and same_bytes(text, bounds[last], bounds[last + 1], scratch, 0, end):
            codes[row] = last
            continue
        hashed = hash_bytes(scratch, 0, end)
        slot = find_key(slots, text, bounds, hashes, scratch, 0, end, hashed)
        code = slots[slot]
        if code < 0:
            if used == hashes.size or bounds[used] + end + PADDING > text.size:
                return row, used
            code = used
            slots[slot] = code
            hashes[code] = hashed
            for i in range(end):
                text[bounds[code] + i] = scratch[i]
            bounds[code + 1] = bounds[code] + end
            used += 1
        codes[row] = last = code
    return codes.size, used
