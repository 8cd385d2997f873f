"""From CSV to Parquet: partitions become rows on the cluster, and one file here, in file order.

CSV -- partitions --> byte ranges -- extract --> pieces -- verify, regroup --> row groups
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow.parquet import ParquetWriter

from pipeline.atomic import atomic
from pipeline.defaults import COLUMN
from pipeline.engine.connect import cores
from pipeline.engine.observer import PartitionRead
from pipeline.engine.preflight import check
from pipeline.engine.reduce import ordered
from pipeline.errors import InputError
from pipeline.formats.csv.rows import RowBatch, Selection, extract
from pipeline.formats.csv.table import open_csv
from pipeline.formats.partition import Partition
from pipeline.partitions.cutting import Partitioning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from distributed import Client

    from pipeline.engine.observer import Observer
    from pipeline.formats.table import ReadOptions

    Cluster = Callable[[], AbstractContextManager[Client]]

GROUP = 1 << 18
"""Rows of a row group. The file is the same bytes whatever the partitions were."""

_AHEAD = 2
_BLOCKSIZE = 16 << 20
"""Bytes of a partition: smaller than a run's, since its rows are held and sent as a whole."""


@dataclass(frozen=True)
class Conversion:
    """What is converted: the columns to keep in order, and how the file is read and cut.

    Those in `numbers` are kept as float64, the others as text; None stands for ValorObservado.
    """

    source: Path
    target: Path
    reading: ReadOptions
    columns: tuple[str, ...]
    numbers: tuple[str, ...] | None = None
    partitioning: Partitioning = field(default_factory=Partitioning)

    def __post_init__(self) -> None:
        """Refuse names that cannot be right."""
        if self.target.suffix.lower() != ".parquet":
            raise InputError(f"{self.target} must end with .parquet, by which a run knows it")
        if self.source.suffix.lower() == ".parquet":
            raise InputError(f"{self.source} is a Parquet file already")
        for number in self.numbers or ():
            if number not in self.columns:
                raise InputError(
                    f"--numbers {number} is none of --columns {','.join(self.columns)}"
                )

    def is_number(self, column: str) -> bool:
        """Whether a column is kept as numbers."""
        if self.numbers is None:
            return column.strip().casefold() == COLUMN.casefold()
        return column in self.numbers


@dataclass(frozen=True)
class Written:
    """What was written: rows, bytes, and how many of the cells were invalid."""

    rows: int
    size: int
    invalid: int


def convert(conversion: Conversion, cluster: Cluster, watcher: Observer) -> Written:
    """Go the whole way, on the cluster that `cluster` opens.

    The target is complete under its name, or not there. Raises InputError when the source cannot be
    read rightly, or the target not be written.
    """
    kept, notices = _open(conversion)
    for text in notices:
        watcher.notice(text)
    table = kept.columns[0]
    rows = invalid = 0

    def tables() -> Iterator[pa.Table]:
        nonlocal rows, invalid
        for partition, piece in _pieces(client, kept, partitions, _AHEAD * threads):
            rows += piece.table.num_rows
            invalid += piece.invalid
            watcher.done(
                PartitionRead(partition.start, table.nbytes(partition), piece.table.num_rows)
            )
            yield piece.table

    with cluster() as client:
        threads = cores(client)
        check(client, table.path)
        partitions = _partitioning(conversion).of(table, threads)
        watcher.start(client, len(partitions), table.end - table.begin)
        _write(conversion.target, kept.schema, _groups(tables()))
    return Written(rows, conversion.target.stat().st_size, invalid)


def _partitioning(conversion: Conversion) -> Partitioning:
    chosen = conversion.partitioning
    return chosen if chosen != Partitioning() else Partitioning(blocksize=_BLOCKSIZE)


def _open(conversion: Conversion) -> tuple[Selection, list[str]]:
    """Find the columns in the CSV file; return them and what the user should know of it."""
    opened = [
        open_csv(conversion.source, replace(conversion.reading, column=column))
        for column in conversion.columns
    ]
    kept = Selection(
        tuple(table for table, _ in opened),
        tuple(conversion.is_number(column) for column in conversion.columns),
    )
    if not kept.numbers:
        raise InputError(
            f"none of the columns {','.join(conversion.columns)} is kept as numbers; "
            "say which one holds them: --numbers NAME"
        )
    if len({table.column for table in kept.columns}) < len(kept.columns):
        raise InputError(f"--columns {','.join(conversion.columns)} names a column twice")
    return kept, list(dict.fromkeys(notice for _, notices in opened for notice in notices))


def _pieces(
    client: Client, kept: Selection, partitions: Sequence[Partition], ahead: int
) -> Iterator[tuple[Partition, RowBatch]]:
    """Yield the rows of all partitions in file order, reading again where a guess was wrong."""
    table = kept.columns[0]
    read = partial(extract, kept)
    row = table.begin
    pieces = ordered(client, read, table.path, partitions, ahead)
    for partition, guessed in zip(partitions, pieces, strict=True):
        if row >= partition.stop:
            continue
        piece = guessed
        if piece.begin != row:
            certain = Partition(row, partition.stop, certain=True)
            (piece,) = ordered(client, read, table.path, [certain], 1)
        if piece.problem:
            raise InputError(table.sentence(piece.problem))
        yield partition, piece
        row = piece.end or row


def _groups(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Cut the rows of consecutive tables into tables of GROUP rows, the last perhaps shorter."""
    held: list[pa.Table] = []
    rows = 0
    for table in tables:
        held.append(table)
        rows += table.num_rows
        if rows < GROUP:
            continue
        joined = pa.concat_tables(held)
        whole = rows - rows % GROUP
        for start in range(0, whole, GROUP):
            yield joined.slice(start, GROUP).combine_chunks()
        held, rows = [joined.slice(whole)], rows - whole
    if rows:
        yield pa.concat_tables(held).combine_chunks()


def _write(target: Path, schema: pa.Schema, groups: Iterator[pa.Table]) -> None:
    try:
        with (
            atomic(target) as stream,
            ParquetWriter(
                stream.buffer, schema, compression="zstd", write_page_checksum=True
            ) as writer,
        ):
            for group in groups:
                writer.write_table(group)
    except OSError as error:
        raise InputError(
            f"{target} cannot be written ({error.strerror or error}); choose another place"
        ) from error
