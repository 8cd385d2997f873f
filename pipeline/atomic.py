"""Atomic writing: a file is complete under its name, or not there."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO


@contextmanager
def atomic(path: Path) -> Iterator[TextIO]:
    """Open *path* for writing, so that it appears only when the block ends without an error.

    Text is UTF-8 and its line ends are written as they are; bytes go to the stream's ``buffer``.
    The data lies in a hidden file beside *path* until it is flushed to the disk and renamed; after
    an error that file is removed, and what was under the name before is untouched.

    Raises:
        OSError: the folder does not exist or cannot be written, the disk is full, or *path* is
            something other than a regular file (a device, a folder).

    """
    if path.exists() and not path.is_file():
        raise OSError(f"{path} is not a regular file: it is not replaced")
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with draft.open("x", encoding="utf-8", newline="") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make a rename durable: a name lives in its folder, not in its file."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
