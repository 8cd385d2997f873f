"""A disk on which calls fail, and what is written to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pipeline.atomic import Disk

NEW = {"a.csv": b"new a", "b.json": b"new b", "c.csv": b"new c"}


@dataclass
class Failing(Disk):
    """A disk whose call number `at` fails or, given another thing to do, does that first.

    With `again`, so do all calls after it.
    """

    at: int
    instead: Any = None
    again: bool = False
    calls: list[str] = field(default_factory=list)

    def _call(self, name: str, *arguments: Any) -> None:
        self.calls.append(name)
        if len(self.calls) == self.at or (self.again and len(self.calls) > self.at):
            if not self.instead:
                raise OSError(28, "No space left on device")
            self.instead()
        getattr(super(), name)(*arguments)

    def write(self, stream, data):
        self._call("write", stream, data)

    def sync(self, descriptor):
        self._call("sync", descriptor)

    def link(self, old, new):
        self._call("link", old, new)

    def rename(self, old, new):
        self._call("rename", old, new)
