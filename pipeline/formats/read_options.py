"""How the user wants a file read."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.defaults import COLUMN
from pipeline.errors import InputError
from pipeline.formats.csv.dialect import DialectOptions


@dataclass(frozen=True)
class ReadOptions:
    """How the user wants a file read.

    Fields:
        column: the name of the column to read, or its number counted from 1. A name may differ
            from the header in case and in outer blanks. Default: that of `defaults`.
        header: whether the first row names the columns. CSV only. Default: yes.
        dialect: how the fields are written. CSV only. Default: see `DialectOptions`.
        skip_lines: how many lines before the header are left out. CSV only. Default: 0.
        missing: more spellings of a missing cell, or numbers that stand for one. Default: none.
        on_invalid: "stop" refuses the file at a cell that is no number or a row with too few or
            too many fields, "skip" counts it and leaves it out. Default: stop.

    Raises:
        InputError: `skip_lines` is negative, or `on_invalid` is another word.

    """

    column: str | int = COLUMN
    header: bool = True
    dialect: DialectOptions = field(default_factory=DialectOptions)
    skip_lines: int = 0
    missing: tuple[str, ...] = ()
    on_invalid: str = "stop"

    def __post_init__(self) -> None:
        """Refuse what has no meaning."""
        if self.skip_lines < 0:
            raise InputError(f"skip_lines must be 0 or more, not {self.skip_lines}")
        if self.on_invalid not in ("stop", "skip"):
            raise InputError(f"on_invalid must be 'stop' or 'skip', not {self.on_invalid!r}")
