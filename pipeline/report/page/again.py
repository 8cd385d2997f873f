"""How to get the same again: what was read, by which command, and what to compare with."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Again:
    """How to get the same again.

    Attributes:
        inputs: The files, as they were given, with their sizes in bytes.
        command: The command line, or the call of a function.
        checksums: SHA-256 of each other file that the run writes, by its name.

    """

    inputs: Sequence[tuple[str, int]]
    command: str
    checksums: Mapping[str, str]

    @classmethod
    def of(cls, paths: Sequence[Path], results: Mapping[str, bytes], command: str) -> Self:
        """Return it for the files that were read and the results that are written.

        Args:
            paths: The files that were read.
            results: What is written, by the files' names.
            command: What was called.

        """
        return cls(
            [(str(path), path.stat().st_size) for path in paths],
            command,
            {name: sha256(data).hexdigest() for name, data in results.items()},
        )
