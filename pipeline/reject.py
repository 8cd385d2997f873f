"""A cell or a row that cannot be read and was skipped: what a user sees of it."""

from __future__ import annotations

from typing import NamedTuple


class Reject(NamedTuple):
    r"""A cell or a row that was skipped.

    Fields:
        file: the file, as it was named.
        offset: in CSV, the byte at which the row begins; in compressed CSV, that of the text; in
            Parquet, the row's number, from 1.
        column: the cell's column; empty for a row.
        reason: why it was skipped.
        text: the first kilobyte of the cell, or of the row, and an ellipsis if there is more; a
            byte that is not of the file's encoding is written as `\xff`.

    """

    file: str
    offset: int
    column: str
    reason: str
    text: str
