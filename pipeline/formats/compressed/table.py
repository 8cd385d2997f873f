"""A table in a compressed file: one stream, which one task reads from front to back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.formats.partition import Partition
from pipeline.formats.table import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.formats.compressed.file import CompressedFile
    from pipeline.formats.csv.table import CsvTable
    from pipeline.formats.rejects import Rejects
    from pipeline.formats.selected import SelectedTable
    from pipeline.formats.table import Batch, Counters, Rows
    from pipeline.numeric.keys import Keys

TEXT_END = 1 << 62
"""A position behind the end of any text."""


@dataclass(frozen=True)
class CompressedTable:
    """The rows of one compressed file: see `formats.table.Table`.

    Its positions are the bytes of the file as it is, for that of the text are known at its end. So
    it is one partition, and a row's place in the text is in its problem (`Problem.inside`).

    Attributes:
        source: The file.
        text: What is read of the text, as a table of it.

    """

    source: CompressedFile
    text: CsvTable | SelectedTable

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where the file is, on every machine."""
        return self.text.paths

    @property
    def size(self) -> int:
        """The size of the file in bytes, compressed."""
        return self.text.size

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the number columns."""
        return self.text.columns

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of the keys that rows are grouped by."""
        return self.text.keys

    @property
    def max_groups(self) -> int:
        """How many groups there may be."""
        return self.text.max_groups

    @property
    def divisible(self) -> bool:
        """That no part of it can be read alone."""
        return False

    @property
    def begin(self) -> int:
        """The position of the first row."""
        return 0

    @property
    def end(self) -> int:
        """The position behind the last row."""
        return self.size

    def nbytes(self, partition: Partition) -> int:
        """Return how many bytes of the file a partition reads."""
        return partition.stop - partition.start

    def rows(self, partition: Partition) -> CompressedRows:
        """Return the rows of the only partition. Raises ValueError for any other."""
        if (partition.start, partition.stop) != (self.begin, self.end):
            raise ValueError(f"{partition} is not the whole of {self.paths[0]}")
        whole = Partition(self.text.begin, TEXT_END, certain=True)
        return CompressedRows(self.text.rows(whole), partition)

    def split(self, parts: int) -> list[Partition]:  # noqa: ARG002 - there is but one
        """Return the only partition, however many `parts` are wanted."""
        return [Partition(self.begin, self.end, certain=True)]

    def verify(self) -> None:
        """Raise InputError when the file is not what it was at the first look."""
        self.text.verify()

    def sentence(self, problem: Problem) -> str:
        """Return the refusal of a row: file, place in the text, reason, what to try.

        Raises InputError where the file is damaged: then the row may be wrong because of that.
        """
        self.source.test()
        return self.text.sentence(replace(problem, offset=problem.inside))


class CompressedRows:
    """All rows of a compressed file: see `formats.table.Rows`."""

    def __init__(self, rows: Rows, partition: Partition) -> None:
        """Take the rows of the text, and the partition that they are."""
        self._rows = rows
        self._partition = partition

    @property
    def begin(self) -> int:
        """The position of the first row, the file's."""
        return self._partition.start

    @property
    def end(self) -> int:
        """The position behind the last row, the file's end."""
        return self._partition.stop

    @property
    def problem(self) -> Problem | None:
        """Why reading stopped before the end, or None."""
        problem = self._rows.problem
        if problem is None:
            return None
        return Problem(self._partition.start, problem.reason, problem.offset)

    def batches(self) -> Iterator[Batch]:
        """Yield the rows in file order. Raises InputError where the file is damaged, too."""
        return self._rows.batches()

    def counters(self) -> list[Counters]:
        """Return the counts of each number column."""
        return self._rows.counters()

    def rejects(self) -> Rejects:
        """Return the first cells and rows that were skipped."""
        return self._rows.rejects()

    def keys(self) -> Keys:
        """Return the keys of the groups so far."""
        return self._rows.keys()
