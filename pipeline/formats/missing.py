"""What stands for a missing value: spellings, and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.errors import InputError
from pipeline.formats.csv.decimals import is_number

if TYPE_CHECKING:
    from collections.abc import Sequence

SPELLINGS = (
    "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
    "<NA>", "<nil>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
)  # fmt: skip
"""The spellings of a missing cell that pandas knows, and that of IDEAM's exports."""

_LONGEST = 255


def missing(
    extra: Sequence[str], decimal: str = ".", encoding: str = "utf-8"
) -> tuple[bytes, tuple[float, ...]]:
    """Return the spellings of a missing cell as `scan` takes them, and the numbers among `extra`.

    Raises InputError for a spelling of more than 255 bytes.
    """
    tokens, absent = [], []
    for token in extra:
        text = token.strip().encode(encoding)
        data = np.frombuffer(text, np.uint8)
        if is_number(data, 0, data.size, ord(decimal)):
            absent.append(float(text.replace(decimal.encode(), b".")))
        elif len(text) > _LONGEST:
            raise InputError(f"a spelling of missing may have {_LONGEST} bytes, not {len(text)}")
        else:
            tokens.append(text)
    tokens += [token.encode() for token in SPELLINGS]
    return b"".join(bytes([len(token)]) + token for token in tokens), tuple(absent)
