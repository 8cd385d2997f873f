"""Text that a thread makes ready ahead of whoever reads it."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from threading import Condition
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_BLOCKS = 4
"""Blocks of text that wait to be read."""

_SKIPPED_BYTES = 1 << 20


class Ahead:
    """What an iterator of blocks yields, to be read once, from front to back.

    The blocks are made in a thread; few of them wait at any time. To be closed by who has it.
    """

    def __init__(self, blocks: Iterator[bytes]) -> None:
        """Begin to take blocks."""
        self._blocks: deque[memoryview] = deque()
        self._changed = Condition()
        self._closed = False
        self._ended = False
        self._position = 0
        self._executor = ThreadPoolExecutor(1, "decompress")
        self._made = self._executor.submit(self._make, blocks)

    def close(self) -> None:
        """Stop making blocks, and wait until the thread has ended."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._executor.shutdown()

    def readinto(self, room: memoryview) -> int:
        """Fill `room`, of single bytes; return how many there were, fewer only at the end.

        Raises what making the blocks raises, when all before it has been read.
        """
        filled = 0
        while filled < len(room):
            block = self._next()
            if block is None:
                break
            count = min(len(block), len(room) - filled)
            room[filled : filled + count] = block[:count]
            filled += count
            if count < len(block):
                self._blocks.appendleft(block[count:])
        self._position += filled
        return filled

    def read(self, count: int) -> bytes:
        """Return the next `count` bytes, fewer only at the end. Raises as `readinto` does."""
        room = bytearray(count)
        return bytes(room[: self.readinto(memoryview(room))])

    def seek(self, position: int) -> None:
        """Skip what lies before a position. Raises as `readinto` does, ValueError on going back."""
        if position < self._position:
            raise ValueError(f"text is read once: {position} lies before {self._position}")
        while self._position < position:
            if not self.read(min(_SKIPPED_BYTES, position - self._position)):
                return

    def skip(self) -> int:
        """Skip a block; return how many bytes it had, none at the end. Raises as `readinto`."""
        block = self._next()
        self._position += len(block or b"")
        return len(block or b"")

    def _next(self) -> memoryview | None:
        """Take the next block; None behind the last one."""
        with self._changed:
            # The thread always ends or makes a block: decompressing does not wait for this reader.
            self._changed.wait_for(lambda: self._blocks or self._ended)
            if self._blocks:
                self._changed.notify_all()
                return self._blocks.popleft()
        self._made.result()
        return None

    def _make(self, blocks: Iterator[bytes]) -> None:
        """Make blocks until there are no more, or nobody wants them."""
        try:
            for block in blocks:
                with self._changed:
                    self._changed.wait_for(lambda: self._closed or len(self._blocks) < _MOST_BLOCKS)
                    if self._closed:
                        return
                    self._blocks.append(memoryview(block))
                    self._changed.notify_all()
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()
