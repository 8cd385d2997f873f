"""The files that a user's names stand for."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def expand(names: Sequence[str | Path]) -> Iterator[Path]:
    """Yield the files; a name with wildcards that is no file stands for those that it matches.

    They are sorted by name. Raises InputError for one that matches nothing.
    """
    for name in names:
        text = str(name)
        if not glob.has_magic(text) or Path(text).exists():
            yield Path(text)
            continue
        matches = sorted(glob.glob(text, recursive=True))  # noqa: PTH207 - of an absolute path, too
        if not matches:
            raise InputError(
                f"{text} matches no file; is the folder right, and the pattern in quotes?"
            )
        yield from map(Path, matches)
