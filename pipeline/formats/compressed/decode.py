"""From compressed bytes to text, block by block; what is damaged is refused with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.formats.compressed.codecs import ZIP
from pipeline.formats.compressed.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO
    from pathlib import Path

    from pipeline.formats.compressed.codecs import Codec


def decode(path: Path, file: FileIO, codec: Codec) -> Iterator[bytes]:
    """Yield the text of the file at `path`, open as `file`, in blocks of TEXT_BYTES at most.

    Streams may follow one another, and zeros behind them; the text is that of all. Raises
    InputError for a file that is damaged or cut off, or has anything else behind a stream, OSError
    when it cannot be read.
    """
    if codec == ZIP:
        from pipeline.formats.compressed.zipped import decode_zip

        return decode_zip(path, file)
    return Streams(path, file, codec).blocks()
