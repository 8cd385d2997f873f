"""The kinds of compression: how each is recognised, and what decompresses it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

MAGIC_BYTES = 6
"""First bytes of a file that tell its kind of compression."""

_CHECKSUM_BYTE = {"zstd": (4, 0b100), "xz": (7, 0b1111)}
"""Where a header says whether a checksum of the text follows: a byte, and its bits."""

HEADER_BYTES = 8


class Decoder(Protocol):
    """Decompresses one stream, as those of the standard library do."""

    @property
    def eof(self) -> bool:
        """Whether the stream has ended, and its checksum was right."""

    @property
    def needs_input(self) -> bool:
        """Whether nothing more can be had without more compressed bytes."""

    @property
    def unused_data(self) -> bytes:
        """The bytes behind the end."""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Take more compressed bytes, and return up to `max_length` bytes of text."""


@dataclass(frozen=True)
class Codec:
    """A kind of compression.

    Fields:
        name: what it is called.
        magics: the bytes that one of its streams may begin with.
        test: the command that tests a file.

    """

    name: str
    magics: tuple[bytes, ...]
    test: str

    def begins(self, head: bytes) -> bool:
        """Whether a stream begins with these bytes, at least MAGIC_BYTES or all there are."""
        return head.startswith(self.magics)

    def has_checksum(self, header: bytes) -> bool:
        """Whether damage of the text will show, as the first HEADER_BYTES of a file tell."""
        place, bits = _CHECKSUM_BYTE.get(self.name, (0, 0xFF))
        return len(header) <= place or bool(header[place] & bits)


_ZSTD_SKIPPED = tuple(bytes([0x50 + i]) + b"\x2a\x4d\x18" for i in range(16))
"""Frames without text, which some programs write between the others."""

_BZIP2 = tuple(b"BZh%d" % level + block for level in range(1, 10) for block in (b"1A", b"\x17r"))
"""A file's level, and its first block; there is none in one that is empty."""

ZIP = Codec("zip", (b"PK\x03\x04", b"PK\x05\x06"), "unzip -t")
CODECS = (
    Codec("gzip", (b"\x1f\x8b",), "gzip -t"),
    Codec("zstd", (b"\x28\xb5\x2f\xfd", *_ZSTD_SKIPPED), "zstd -t"),
    Codec("bzip2", _BZIP2, "bzip2 -t"),
    Codec("xz", (b"\xfd7zXZ\x00",), "xz -t"),
    ZIP,
)


def recognise(head: bytes) -> Codec | None:
    """Return the compression of a file that begins with these bytes; None if it has none."""
    return next((codec for codec in CODECS if codec.begins(head)), None)


def new_decoder(codec: Codec) -> Decoder:
    """Return what decompresses one stream of a kind that is not zip."""
    # A library is imported by those who need it: most files are not compressed.
    if codec.name == "gzip":
        from isal import igzip_lib

        gzip: Decoder = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
        return gzip
    if codec.name == "zstd":
        from backports import zstd

        frame: Decoder = zstd.ZstdDecompressor()
        return frame
    if codec.name == "bzip2":
        from bz2 import BZ2Decompressor

        return BZ2Decompressor()
    from lzma import FORMAT_XZ, LZMADecompressor

    return LZMADecompressor(FORMAT_XZ)


def damages(codec: Codec) -> tuple[type[Exception], ...]:
    """Return what the decoder of a kind raises when bytes are damaged."""
    if codec.name == "gzip":
        from isal import igzip_lib

        damage: Any = igzip_lib.error
        return (damage,)
    if codec.name == "zstd":
        from backports import zstd

        return (zstd.ZstdError,)
    if codec.name == "bzip2":
        return (OSError, ValueError)
    from lzma import LZMAError

    return (LZMAError,)
