"""The rows of a text that is read from front to back, some at a time, where they are all wanted."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING

from pipeline.formats.csv.rows import RowBatch, Selection, extract
from pipeline.formats.partition import Partition

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.formats.text_file import OpenText

WINDOW_BYTES = 16 << 20
"""Bytes of text whose rows are read at a time; as many are looked at behind them."""


@dataclass(frozen=True)
class Window:
    """A piece of a text, in memory, as a file of its own: see `formats.text_file.TextFile`."""

    path: Path
    text: bytes

    @property
    def size(self) -> int:
        """The size in bytes."""
        return len(self.text)

    text_size = size

    @contextmanager
    def reading(self) -> Iterator[BytesIO]:
        """Open the text."""
        yield BytesIO(self.text)

    def verify(self) -> None:
        """Nothing changes it."""


def all_rows(
    kept: Selection, begin: int, *, window_bytes: int = WINDOW_BYTES
) -> Iterator[RowBatch]:
    """Yield all rows from the byte `begin` of a text on, which is opened once; see `extract`.

    `window_bytes` changes no row: it bounds the memory. The last batch has a problem if a row has
    one. Raises InputError where the file has changed or is damaged, OSError when it cannot be read.
    """
    with kept.columns[0].source.reading() as file:
        file.seek(begin)
        text, ended = b"", False
        while not (ended and not text):
            text, ended = _filled(file, text, 2 * window_bytes)
            batch = _extract(kept, text, len(text) if ended else window_bytes)
            longest = window_bytes + 2 * kept.columns[0].longest_row
            while not ended and len(text) < longest and _may_be_cut(batch, len(text)):
                text, ended = _filled(file, text, 2 * len(text))
                batch = _extract(kept, text, len(text) if ended else window_bytes)
            if batch.problem:
                # Where the file is damaged, that is what is wrong with the row.
                while file.read(window_bytes):
                    pass
            end = len(text) if batch.end is None else batch.end
            yield _moved(batch, begin)
            if batch.problem:
                return
            begin, text = begin + end, text[end:]


def _filled(file: OpenText, text: bytes, size: int) -> tuple[bytes, bool]:
    """Return a piece of text with what follows it, up to `size` bytes, and whether that is all."""
    parts = [text]
    missing = size - len(text)
    while missing > 0 and (more := file.read(missing)):
        parts.append(more)
        missing -= len(more)
    return b"".join(parts), missing > 0


def _extract(kept: Selection, text: bytes, stop: int) -> RowBatch:
    window = Window(kept.columns[0].source.path, text)
    columns = tuple(replace(spec, source=window) for spec in kept.columns)
    return extract(Selection(columns, kept.are_numbers), Partition(0, stop, certain=True))


def _may_be_cut(batch: RowBatch, size: int) -> bool:
    """Whether the end of a window, of `size` bytes, may have cut a row of the batch off."""
    return batch.problem is not None or batch.end == size


def _moved(batch: RowBatch, by: int) -> RowBatch:
    """Return a batch whose window begins at the byte `by` of the text."""
    problem = batch.problem and replace(batch.problem, offset=batch.problem.offset + by)
    begin, end = (None if at is None else at + by for at in (batch.begin, batch.end))
    return replace(batch, begin=begin, end=end, problem=problem)
