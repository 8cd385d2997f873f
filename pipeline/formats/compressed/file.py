"""One compressed file: its text is read as that of any other, but from front to back only."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.formats.compressed.ahead import Ahead
from pipeline.formats.compressed.codecs import HEADER_BYTES, recognise
from pipeline.formats.compressed.decode import decode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO
    from pathlib import Path

    from pipeline.formats.compressed.codecs import Codec
    from pipeline.formats.file import SourceFile


@dataclass(frozen=True)
class CompressedFile:
    """A compressed file as it was at the first look: see `formats.text_file.TextFile`.

    Fields:
        source: the file itself.
        codec: how it is compressed.
        has_checksum: whether damage of its text will show.

    """

    source: SourceFile
    codec: Codec
    has_checksum: bool

    @property
    def path(self) -> Path:
        """Where the file is, on every machine."""
        return self.source.path

    @property
    def size(self) -> int:
        """The file's size in bytes, as it is, compressed."""
        return self.source.size

    @property
    def text_size(self) -> None:
        """How much text it holds is not known before its end."""
        return

    @contextmanager
    def reading(self) -> Iterator[Ahead]:
        """Open the text, for a block that reads it once; the file must not change meanwhile.

        Raises as `SourceFile.reading` does, and InputError where the file is damaged or cut off.
        """
        try:
            with (
                self.source.reading() as file,
                closing(Ahead(decode(self.path, file, self.codec))) as text,
            ):
                yield text
        except InputError:
            # A file that was written to meanwhile is damaged, too, and that it changed says more.
            self.source.compare()
            raise

    def test(self) -> None:
        """Read it to its end. Raises InputError where it is damaged, or as `reading` does."""
        with self.reading() as text:
            while text.skip():
                pass

    def notices(self) -> list[str]:
        """Return what the user should know of reading it."""
        kind = self.codec.name
        advice = f"python -m pipeline.convert {self.path} OUT.parquet"
        notices = [
            f"the file is compressed ({kind}): one worker reads it; for all of them: {advice}",
        ]
        if not self.has_checksum:
            notices.append(f"its {kind} data has no checksum: damage may go unnoticed")
        return notices

    def verify(self) -> None:
        """Raise InputError when the file is not what it was, on the machine of the first look."""
        self.source.verify()


def find_compression(source: SourceFile, file: FileIO) -> CompressedFile | None:
    """Return a file that is open as a compressed one, if its first bytes say so."""
    head = file.read(HEADER_BYTES)
    file.seek(0)
    codec = recognise(head)
    return CompressedFile(source, codec, codec.has_checksum(head)) if codec else None
