"""What reading text needs of a file, be it compressed or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from pipeline.errors import InputError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path


class OpenText(Protocol):
    """The text of a file that is open; positions count its bytes."""

    def seek(self, position: int, /) -> object:
        """Go to a position; where the text is compressed, forward only."""

    def read(self, count: int, /) -> bytes:
        """Return the next bytes, at most `count`; none at the end."""

    def readinto(self, room: memoryview, /) -> int | None:
        """Fill `room` with the next bytes; return how many there were, none at the end."""


class TextFile(Protocol):
    """A file of text as it was at the first look: see `formats.file.SourceFile`."""

    @property
    def path(self) -> Path:
        """Where it is, on every machine."""

    @property
    def size(self) -> int:
        """The size of the file in bytes."""

    @property
    def text_size(self) -> int | None:
        """The size of its text in bytes; None where only reading it to the end tells."""

    def reading(self) -> AbstractContextManager[OpenText]:
        """Open the text for a block that reads it; raises as `SourceFile.reading` does."""

    def verify(self) -> None:
        """Raise InputError when the file is not what it was."""


def changed(path: Path, how: str) -> InputError:
    """Return the refusal of a file that is not what it was; `how` it differs, in words."""
    return InputError(f"{path} changed while it was read ({how}); run again when it is complete")
