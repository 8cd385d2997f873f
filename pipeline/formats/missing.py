"""Which cells stand for a missing value: spellings, and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

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

_LONGEST_TOKEN = 255


class Missing(NamedTuple):
    """What stands for a missing value in a file.

    `tokens` are the spellings that are no numbers, in the file's encoding, each after a byte that
    holds its length; `values` the numbers, which any spelling of theirs stands for.
    """

    tokens: bytes
    values: tuple[float, ...]


def encoded(text: str, encoding: str, option: str) -> bytes:
    """Return a text that the user gives behind an `option` as it stands in a file.

    Raises InputError where the encoding has no such text.
    """
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as error:
        raise InputError(
            f"{option}{text!r} is not in the encoding {encoding!r}, so no cell can hold it; leave "
            "it out, or name the file's encoding with --encoding"
        ) from error


def find_missing(extra: Sequence[str], decimal: str = ".", encoding: str = "utf-8") -> Missing:
    """Return what stands for a missing value: SPELLINGS, and what the user names in `extra`.

    `decimal` is the file's decimal mark, `encoding` its encoding. Raises InputError for a spelling
    of more than 255 bytes, and for one that the encoding has not.
    """
    tokens, values = [], []
    for token in extra:
        text = encoded(token.strip(), encoding, "--missing ")
        data = np.frombuffer(text, np.uint8)
        if is_number(data, 0, data.size, ord(decimal)):
            values.append(float(text.replace(decimal.encode(), b".")))
        elif len(text) > _LONGEST_TOKEN:
            raise InputError(
                f"a spelling of a missing value has {len(text)} bytes, more than {_LONGEST_TOKEN}; "
                "name a shorter one with --missing"
            )
        else:
            tokens.append(text)
    tokens += [token.encode() for token in SPELLINGS]
    return Missing(b"".join(bytes([len(token)]) + token for token in tokens), tuple(values))
