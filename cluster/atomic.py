"""Atomic writing: a file is complete under its name, or not there."""

import os
from pathlib import Path


def write_atomically(path: Path, content: bytes, mode: int) -> None:
    """Write a file with the permissions `mode`, or leave what was under its name as it was.

    The content lies in a hidden file beside `path` until it is flushed to the disk and renamed;
    after an error that file is removed. Raises OSError when the folder cannot be written.
    """
    draft = path.with_name(f".{path.name}.unfinished")
    draft.unlink(missing_ok=True)
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            os.fchmod(descriptor, mode)
            stream.write(content)
            stream.flush()
            os.fsync(descriptor)
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
