"""The kernels that read the text of fields: as numbers, and as one of some texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.formats.csv.decimals import plain_decimal
from pipeline.formats.csv.scan import is_missing_token, is_missing_value
from pipeline.numeric.intrinsics import eight_bytes, put_eight_bytes
from pipeline.numeric.jit import kernel
from pipeline.numeric.key_table import same_bytes

if TYPE_CHECKING:
    from pipeline.numeric.arrays import Bools, Bytes, Floats, Integers

_WORD_BYTES = 8
_NOT_ASCII = np.uint64(0x8080808080808080)


@kernel
def read_numbers(
    data: Bytes,
    starts: Integers,
    ends: Integers,
    first: int,
    decimal: int,
    missing_tokens: Bytes,
    missing_values: Floats,
    values: Floats,
) -> int:
    """Fill `values` from index `first` on; return the index of the first cell that it cannot read.

    That is no plain decimal and no missing cell; or else the number of cells.
    """
    for i in range(first, starts.size):
        plain, value = plain_decimal(data, starts[i], ends[i], decimal)
        if plain:
            if missing_values.size and is_missing_value(value, missing_values):
                value = np.nan
            values[i] = value
        elif is_missing_token(data, starts[i], ends[i], missing_tokens):
            values[i] = np.nan
        else:
            return i
    return starts.size


@kernel
def gather(data: Bytes, starts: Integers, ends: Integers, text: Bytes, offsets: Integers) -> bool:
    """Put the fields `data[starts[i]:ends[i]]` in a row into `text`, and where into `offsets`.

    Both have eight bytes more than the fields. Return whether all these bytes, and a few that stand
    behind fields, are ASCII.
    """
    place, seen = 0, np.uint64(0)
    for i in range(starts.size):
        offsets[i] = place
        for j in range(starts[i], ends[i], _WORD_BYTES):
            word = eight_bytes(data, j)
            put_eight_bytes(text, place + j - starts[i], word)
            seen |= word
        place += ends[i] - starts[i]
    offsets[starts.size] = place
    plain: bool = seen & _NOT_ASCII == 0
    return plain


@kernel
def is_one_of(
    data: Bytes, starts: Integers, ends: Integers, texts: Bytes, bounds: Integers
) -> Bools:
    """Return of each field `data[starts[i]:ends[i]]` whether it is one of some texts.

    They stand in `texts`, where `bounds` says.
    """
    found = np.zeros(starts.size, np.bool_)
    for i in range(starts.size):
        for j in range(bounds.size - 1):
            if same_bytes(data, starts[i], ends[i], texts, bounds[j], bounds[j + 1]):
                found[i] = True
                break
    return found
