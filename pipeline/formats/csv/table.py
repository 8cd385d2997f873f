"""One column of a CSV file as a table: its positions are bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.formats.column import ColumnTable
from pipeline.formats.csv.cells import CsvCells
from pipeline.formats.csv.fields import CsvFields

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.formats.csv.spec import CsvSpec
    from pipeline.formats.partition import Partition
    from pipeline.formats.rejects import RejectLog
    from pipeline.formats.table import Problem

_COUNTED_BYTES = 1 << 28
"""How far into a file lines are counted, to name one in a refusal."""

_COUNTED_AT_A_TIME = 1 << 20


@dataclass(frozen=True)
class CsvTable(ColumnTable):
    """One column of one CSV file: see `formats.table.Table`.

    `spec` says how its cells are read; `begin` is the byte at which the first row begins.
    """

    spec: CsvSpec
    begin: int

    @property
    def path(self) -> Path:
        """Where the file is, on every machine."""
        return self.spec.source.path

    @property
    def size(self) -> int:
        """The file's size in bytes."""
        return self.spec.source.size

    @property
    def column(self) -> str:
        """The column's name in the header, or its number."""
        return self.spec.column

    @property
    def end(self) -> int:
        """The position behind the last row: the file's size."""
        return self.size

    def nbytes(self, partition: Partition) -> int:
        """Return how many bytes a partition has."""
        return partition.stop - partition.start

    def read(self, partition: Partition) -> CsvCells:
        """Return the column's cells in a partition; nothing is opened before they are asked for."""
        return CsvCells(self.spec, partition)

    def fields(self, columns: tuple[int, ...], partition: Partition, log: RejectLog) -> CsvFields:
        """Return what reads the columns with these indices out of a partition.

        Rows that are skipped go to the `log`.
        """
        return CsvFields(self.spec, columns, partition, log)

    def verify(self) -> None:
        """Raise InputError when the file is not what it was at the first look."""
        self.spec.source.verify()

    def sentence(self, problem: Problem) -> str:
        """Return the refusal of a row: file, line and byte, reason, what to try."""
        self.verify()
        where = f"the row at byte {problem.offset}"
        if problem.offset < _COUNTED_BYTES:
            where = f"line {self._line(problem.offset)} (byte {problem.offset})"
        return f"{self.path}: {where} {problem.reason}"

    def _line(self, offset: int) -> int:
        """Return the line, from 1, in which a byte of the text stands."""
        newline = self.spec.dialect.newline.encode()
        line = 1
        with self.spec.source.reading() as file:
            while offset > 0 and (text := file.read(min(offset, _COUNTED_AT_A_TIME))):
                line += text.count(newline)
                offset -= len(text)
        return line
