"""Streams of compressed bytes, one after the other, as blocks of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.formats.compressed.codecs import MAGIC_BYTES, damages, new_decoder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO
    from pathlib import Path

    from pipeline.formats.compressed.codecs import Codec

_COMPRESSED_BYTES = 1 << 17
"""Bytes of a file that are read at a time."""

TEXT_BYTES = 1 << 20
"""Bytes of text that are decompressed at a time, at most."""


class Streams:
    """The streams of one file, one after the other."""

    def __init__(self, path: Path, file: FileIO, codec: Codec) -> None:
        """Take the file at `path`, open as `file`, and how it is compressed: not zip."""
        self._path = path
        self._file = file
        self._codec = codec
        self._read_bytes = 0
        self._text_bytes = 0

    def blocks(self) -> Iterator[bytes]:
        """Yield the text; raises as `decode.decode` does."""
        errors = damages(self._codec)
        data = self._read()
        while data:
            decoder = new_decoder(self._codec)
            while not decoder.eof:
                if not data and decoder.needs_input:
                    data = self._read()
                    if not data:
                        raise self._refusal("is cut off", "its end is missing")
                try:
                    text = decoder.decompress(data, TEXT_BYTES)
                except errors as error:
                    raise self._refusal("is damaged", str(error) or "no reason given") from error
                data = b""
                self._text_bytes += len(text)
                if text:
                    yield text
            data = self._behind(decoder.unused_data)

    def _read(self) -> bytes:
        data = self._file.read(_COMPRESSED_BYTES)
        self._read_bytes += len(data)
        return data

    def _behind(self, rest: bytes) -> bytes:
        """Return the beginning of the stream behind one, without zeros before it."""
        while True:
            rest = rest.lstrip(b"\0")
            more = self._read() if len(rest) < MAGIC_BYTES else b""
            rest += more
            if more and len(rest.lstrip(b"\0")) < MAGIC_BYTES:
                continue
            if not rest or self._codec.begins(rest):
                return rest
            at = self._read_bytes - len(rest)
            raise InputError(
                f"{self._path} has something else behind its {self._codec.name} data, from byte "
                f"{at:,} on; was it put together from several files? Cut that off: "
                f"head -c {at} {self._path}"
            )

    def _refusal(self, what: str, why: str) -> InputError:
        return refusal(
            self._path, self._codec, f"{what} ({why})", (self._read_bytes, self._text_bytes)
        )


def refusal(path: Path, codec: Codec, what: str, place: tuple[int, int]) -> InputError:
    """Return the refusal of a file that cannot be decompressed.

    `place` is how many bytes of it were read, and how many bytes of text those were.
    """
    read, text = place
    return InputError(
        f"{path} {what}: its {codec.name} data stops making sense at or before byte {read:,}, "
        f"after {text:,} bytes of text; copy or download it again, and test it: "
        f"{codec.test} {path}"
    )
