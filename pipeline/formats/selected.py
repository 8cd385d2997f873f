"""A table of which a selection is read: several columns, groups, or some of the rows only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pipeline.formats.partition import cut
from pipeline.formats.rejects import RejectLog
from pipeline.formats.rows import SelectedRows

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.formats.fields import FieldReader
    from pipeline.formats.partition import Partition
    from pipeline.formats.selection import Selection
    from pipeline.formats.table import Problem


class FieldTable(Protocol):
    """A file of which fields can be read: see `formats.table.Table` for what is not said here."""

    @property
    def path(self) -> Path:
        """Where the file is, on every machine."""

    @property
    def size(self) -> int:
        """The file's size in bytes."""

    @property
    def begin(self) -> int:
        """The position of the first row."""

    @property
    def end(self) -> int:
        """The position behind the last row."""

    def nbytes(self, partition: Partition) -> int:
        """Return how many bytes of the file a partition reads."""

    def fields(self, columns: tuple[int, ...], partition: Partition, log: RejectLog) -> FieldReader:
        """Return what reads the columns with these indices, which rise, out of a partition.

        Rows that are skipped go to the `log`.
        """

    def verify(self) -> None:
        """Raise InputError when the file is not what it was."""

    def sentence(self, problem: Problem) -> str:
        """Return the refusal of a row."""


@dataclass(frozen=True)
class SelectedTable:
    """A selection of one file: see `formats.table.Table`.

    Attributes:
        file: The file.
        fields: The indices of its columns that are read.
        selection: What is made of them.
        keys: The names of the keys.

    """

    file: FieldTable
    fields: tuple[int, ...]
    selection: Selection
    keys: tuple[str, ...]

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where the file is, on every machine."""
        return (self.file.path,)

    @property
    def size(self) -> int:
        """The file's size in bytes."""
        return self.file.size

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the number columns."""
        return tuple(self.selection.names[place] for place in self.selection.numbers)

    @property
    def max_groups(self) -> int:
        """How many groups there may be."""
        return self.selection.max_groups

    @property
    def divisible(self) -> bool:
        """That any part can be read alone."""
        return True

    @property
    def begin(self) -> int:
        """The position of the first row."""
        return self.file.begin

    @property
    def end(self) -> int:
        """The position behind the last row."""
        return self.file.end

    def nbytes(self, partition: Partition) -> int:
        """Return how many bytes of the file a partition reads."""
        return self.file.nbytes(partition)

    def rows(self, partition: Partition) -> SelectedRows:
        """Return the chosen rows of a partition; nothing is opened before they are asked for."""
        selection = self.selection
        log = RejectLog(str(self.file.path), selection.encoding, selection.max_rejects)
        return SelectedRows(selection, self.file.fields(self.fields, partition, log), log)

    def split(self, parts: int) -> list[Partition]:
        """Cut all positions into so many partitions."""
        return cut(self.begin, self.end, parts)

    def verify(self) -> None:
        """Raise InputError when the file is not what it was at the first look."""
        self.file.verify()

    def sentence(self, problem: Problem) -> str:
        """Return the refusal of a row."""
        return self.file.sentence(problem)
