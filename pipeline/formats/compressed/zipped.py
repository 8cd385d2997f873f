"""The text of a zip archive that holds one file."""

from __future__ import annotations

import struct
import zlib
from errno import EINVAL
from lzma import LZMAError
from typing import TYPE_CHECKING, cast
from zipfile import BadZipFile, ZipFile

from pipeline.errors import InputError
from pipeline.formats.compressed.codecs import ZIP
from pipeline.formats.compressed.streams import TEXT_BYTES, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO
    from pathlib import Path
    from zipfile import ZipInfo

_SHOWN = 3
_ENCRYPTED = 1

# Besides its own error, zipfile lets through those of what it is made of.
_DAMAGES = (
    *(BadZipFile, zlib.error, LZMAError, EOFError, struct.error),
    *(ValueError, IndexError, OverflowError, OSError),
)


def decode_zip(path: Path, file: FileIO) -> Iterator[bytes]:
    """Yield the text of the only file in an archive; see `decode`.

    Raises InputError, too, when there are other files beside it, or it is encrypted.
    """
    text_bytes = 0
    try:
        with ZipFile(file) as archive:
            member = _only(path, archive.infolist())
            with archive.open(member) as stream:
                while text := stream.read(TEXT_BYTES):
                    text_bytes += len(text)
                    yield text
    except NotImplementedError as error:
        raise InputError(
            f"{path} is compressed in a way that Python's zipfile does not know ({error}); "
            f"unpack it and compress it again: unzip {path}"
        ) from error
    except _DAMAGES as error:
        if disk := _of_the_disk(error) or _of_the_disk(error.__context__):
            raise disk from None
        place = (file.tell(), text_bytes)
        raise refusal(path, ZIP, f"is damaged or cut off ({error})", place) from error


def _of_the_disk(error: BaseException | None) -> OSError | None:
    """Return an error if it is the disk's: of a damaged archive, a place may lie before its start.

    zipfile makes one that comes while it looks for the archive's end the context of its own.
    """
    disk = isinstance(error, OSError) and error.errno not in (None, EINVAL)
    return cast("OSError", error) if disk else None


def _only(path: Path, members: list[ZipInfo]) -> ZipInfo:
    files = [member for member in members if not member.is_dir()]
    if len(files) != 1:
        names = ", ".join(member.filename for member in files[:_SHOWN]) or "none"
        more = ", …" if len(files) > _SHOWN else ""
        raise InputError(
            f"{path} is a zip archive of {len(files)} files ({names}{more}), and only one can be "
            f"read as a table; unpack it, and name the files that are meant: unzip {path}"
        )
    if files[0].flag_bits & _ENCRYPTED:
        raise InputError(f"{path} is encrypted; unpack it with its password: unzip {path}")
    return files[0]
