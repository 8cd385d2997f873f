"""A case: a file, how it is read, what is read of it, and where it is cut."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from tests.fuzz.answers import Answer, Outcome, Refusal
from tests.packed import COMPRESS

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Options:
    """How a file is read, as `describe` takes it."""

    column: str | int = "x"
    header: bool = True
    delimiter: str | None = None
    decimal: str = "."
    quote: str | None = '"'
    encoding: str = "utf-8"
    skip_lines: int = 0
    missing: tuple[str, ...] = ()
    on_invalid: str = "stop"


@dataclass(frozen=True)
class Query:
    """What is read, where it is more than one column of all rows; as `describe` takes it."""

    columns: tuple[str | int, ...]
    by: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    valid_range: tuple[float, float] | None = None
    times: tuple[tuple[str, str], ...] = ()


LEFT_ALONE = 8
"""First bytes of a compressed file that damage spares: by them it is known to be one."""


@dataclass(frozen=True)
class Packing:
    """How a file is compressed, as a key of `COMPRESS`, and how it is damaged then.

    place: between 0 and 1; None where it is not damaged.
    change: which bits of the byte at that place are flipped; none where the file ends there.
    """

    kind: str
    place: float | None = None
    change: int = 0

    def pack(self, data: bytes) -> bytes:
        """Return the bytes of the file."""
        packed = COMPRESS[self.kind](data)
        if self.place is None:
            return packed
        at = LEFT_ALONE + int(self.place * (len(packed) - LEFT_ALONE))
        changed = bytes([packed[at] ^ self.change]) + packed[at + 1 :] if self.change else b""
        return packed[:at] + changed


@dataclass(frozen=True)
class Case:
    """A case.

    name: its seed and its number, from which it can be made again.
    data: the bytes of the file; of a compressed one, those of the text in it.
    suffix: that of the file's name, which tells the format.
    options, query: how it is read, and what is read of it.
    cuts: each the places, between 0 and 1, where the file is cut in one reading.
    block: how many bytes, and values, are read at a time.
    holds: what the file holds, or held before it was damaged; None where the slow reader finds out.
    damaged: whether any refusal will do, too.
    packing: how the file is compressed, if it is.
    """

    name: str
    data: bytes
    suffix: str = ".csv"
    options: Options = field(default_factory=Options)
    query: Query | None = None
    cuts: tuple[tuple[float, ...], ...] = ((),)
    block: int = 1 << 20
    holds: Outcome | None = None
    damaged: bool = False
    packing: Packing | None = None

    @property
    def on_disk(self) -> bytes:
        """The bytes of the file as it is on disk."""
        return self.packing.pack(self.data) if self.packing else self.data

    def save(self, folder: Path) -> None:
        """Write the case into a folder: the file, and all else as JSON."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"data{self.suffix}").write_bytes(self.data)
        rest = asdict(self) | {"data": None}
        text = json.dumps(rest, indent=1, default=lambda raw: raw.decode("latin-1"))
        (folder / "case.json").write_text(text + "\n", "utf-8")

    @classmethod
    def load(cls, folder: Path) -> Case:
        """Return the case that a folder holds."""
        rest = json.loads((folder / "case.json").read_text("utf-8"))
        options, query, holds = rest["options"], rest["query"], rest["holds"]
        packing = rest["packing"] and Packing(**rest["packing"])
        if query:
            query = Query(**{name: _tuples(value) for name, value in query.items()})
        if holds and "columns" in holds:
            holds = Answer(**holds | {"keys": [key.encode("latin-1") for key in holds["keys"]]})
        elif holds:
            holds = Refusal(**holds)
        return cls(
            **rest
            | {
                "data": (folder / f"data{rest['suffix']}").read_bytes(),
                "options": Options(**{name: _tuples(value) for name, value in options.items()}),
                "query": query,
                "packing": packing,
                "cuts": _tuples(rest["cuts"]),
                "holds": holds,
            }
        )


def _tuples(value: object) -> object:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
