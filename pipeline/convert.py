"""From CSV to Parquet: `python -m pipeline.convert IN.csv OUT.parquet`.

CSV -- partitions --> byte ranges -- extract --> row batches -- verify, regroup --> row groups
"""

from __future__ import annotations

if __name__ == "__main__":
    from pipeline.cli.interrupts import catch

    catch()

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli import options
from pipeline.cli.arguments import ConvertArguments
from pipeline.cli.interrupts import end, promise
from pipeline.cli.progress import Progress
from pipeline.cli.terminal import exits, printing
from pipeline.defaults import COLUMN
from pipeline.errors import InputError
from pipeline.formats.file import is_parquet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    import pyarrow as pa
    from distributed import Client

    from pipeline.engine.observer import Observer
    from pipeline.formats.csv.rows import RowBatch, Selection
    from pipeline.formats.csv.table import CsvTable
    from pipeline.formats.partition import Partition
    from pipeline.formats.read_options import ReadOptions
    from pipeline.partitions.cutting import Partitioning

GROUP_ROWS = 1 << 18
"""Rows of a row group, unless a conversion says otherwise."""

_PARTITION_BYTES = 16 << 20
"""Bytes of a partition: smaller than a run's, since its rows are held and sent as a whole."""

_AHEAD_PER_CORE = 2
"""Partitions that are read, or wait to be written, for each core."""

# Dask, Arrow and the kernels take seconds to import: not for --help, nor for a wrong option. Hence
# the imports inside the functions.


@dataclass(frozen=True)
class Conversion:
    """What is converted: the columns to keep, and how the file is read and cut.

    Fields:
        source: the CSV file.
        target: the Parquet file to write; its name ends with .parquet.
        reading: how the file is read. Its column does not count.
        columns: the names of the columns to keep, in this order; their numbers without a header.
        numbers: those of them that are kept as float64, the others being text. Default: None, for
            the column ValorObservado.
        partitioning: how the file is cut. Default: by size.
        group_rows: how many rows a row group of the target has. Default: GROUP_ROWS.

    Raises:
        InputError: the target's name ends otherwise, the source is a Parquet file already, or
            `numbers` are not among `columns`.

    """

    source: Path
    target: Path
    reading: ReadOptions
    columns: tuple[str, ...]
    numbers: tuple[str, ...] | None = None
    partitioning: Partitioning | None = None
    group_rows: int = GROUP_ROWS

    def __post_init__(self) -> None:
        """Refuse names that cannot be right."""
        if not is_parquet(self.target):
            raise InputError(f"{self.target} must end with .parquet, by which a run knows it")
        if is_parquet(self.source):
            raise InputError(f"{self.source} is a Parquet file already; a run reads it as it is")
        for number in self.numbers or ():
            if number not in self.columns:
                raise InputError(
                    f"--numbers {number} is none of --columns {','.join(self.columns)}; "
                    "name it there, too"
                )

    def is_number(self, column: str) -> bool:
        """Whether a column is kept as numbers."""
        if self.numbers is None:
            return column.strip().casefold() == COLUMN.casefold()
        return column in self.numbers


@dataclass(frozen=True)
class Written:
    """What a conversion wrote: rows, bytes of the file, and how many cells were invalid."""

    rows: int
    size: int
    invalid: int


def convert(
    conversion: Conversion,
    cluster: Callable[[], AbstractContextManager[Client]],
    observer: Observer,
) -> Written:
    """Go the whole way, from a CSV file to a Parquet file, on the cluster that `cluster` opens.

    The target is complete under its name, or what was there before is untouched, and it is the same
    bytes whatever the partitions. The `observer` hears of each partition that was written.

    Raises InputError when the source cannot be read rightly or the target cannot be written,
    ClusterError when the cluster cannot do the work.
    """
    from pipeline.engine.connect import cores
    from pipeline.engine.observer import PartitionRead
    from pipeline.engine.preflight import check
    from pipeline.formats.parquet_writer import write_parquet
    from pipeline.partitions.cutting import Partitioning

    table, kept, notices = _open(conversion)
    for text in notices:
        observer.notice(text)
    rows = invalid = 0

    def tables() -> Iterator[pa.Table]:
        nonlocal rows, invalid
        ahead = _AHEAD_PER_CORE * threads
        for partition, batch in _batches(client, table, kept, partitions, ahead):
            count = batch.table.num_rows
            rows += count
            invalid += batch.invalid
            observer.done(PartitionRead(partition.start, table.nbytes(partition), count))
            yield batch.table
        table.verify()

    with cluster() as client:
        threads = cores(client)
        check(client, table.paths)
        partitioning = conversion.partitioning or Partitioning(blocksize=_PARTITION_BYTES)
        partitions = partitioning.of(table, threads)
        observer.start(client, len(partitions), table.end - table.begin)
        write_parquet(conversion.target, kept.schema, tables(), conversion.group_rows)
    return Written(rows, conversion.target.stat().st_size, invalid)


def _open(conversion: Conversion) -> tuple[CsvTable, Selection, list[str]]:
    """Find the columns in the CSV file.

    Return the first as a table (they differ in nothing but the column), all that are kept, and
    sentences that the user should read.
    """
    from pipeline.formats.csv.open import open_csv_columns
    from pipeline.formats.csv.rows import Selection

    columns = conversion.columns
    tables, notices = open_csv_columns(conversion.source, conversion.reading, columns)
    kept = Selection(
        tuple(table.spec for table in tables),
        tuple(conversion.is_number(column) for column in columns),
    )
    if not any(kept.are_numbers):
        raise InputError(
            f"none of the columns {','.join(columns)} is kept as numbers; "
            "say which one holds them: --numbers NAME"
        )
    if len({table.column for table in tables}) < len(tables):
        raise InputError(f"--columns {','.join(columns)} names a column twice; leave one out")
    return tables[0], kept, notices


def _batches(
    client: Client, table: CsvTable, kept: Selection, partitions: Sequence[Partition], ahead: int
) -> Iterator[tuple[Partition, RowBatch]]:
    """Yield the rows of all partitions in file order, reading again where a guess was wrong.

    A compressed file is read here, from front to back.
    """
    if table.spec.source.text_size is None:
        yield from _from_front_to_back(table, kept)
        return
    from functools import partial

    from pipeline.engine.ordered import ordered
    from pipeline.formats.csv.rows import extract
    from pipeline.formats.partition import Partition

    read = partial(extract, kept)
    row = table.begin
    guesses = ordered(client, read, table.path, partitions, ahead)
    for partition, guess in zip(partitions, guesses, strict=True):
        if row >= partition.stop:
            continue
        batch = guess
        if batch.begin != row:
            certain = Partition(row, partition.stop, certain=True)
            (batch,) = ordered(client, read, table.path, [certain], 1)
        if batch.problem:
            raise InputError(table.sentence(batch.problem))
        yield partition, batch
        row = batch.end or row


def _from_front_to_back(table: CsvTable, kept: Selection) -> Iterator[tuple[Partition, RowBatch]]:
    """Yield the rows of a compressed file; all of it counts as read with the last of them."""
    from pipeline.formats.csv.windows import all_rows
    from pipeline.formats.partition import Partition

    for batch in all_rows(kept, table.begin):
        if batch.problem:
            raise InputError(table.sentence(batch.problem))
        yield Partition(0, 0), batch


EPILOG = """\b
Examples:
  python -m pipeline.convert data.csv data.parquet
  python -m pipeline.convert data.csv data.parquet --columns ValorObservado,CodigoEstacion
  python -m pipeline.convert export.csv export.parquet --no-header --columns 1,3 --numbers 3
  python -m pipeline.run data.parquet

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted, 143 terminated."""


@click.command(epilog=EPILOG)
@click.argument("source", metavar="IN.csv", type=click.Path(path_type=Path))
@click.argument("target", metavar="OUT.parquet", type=click.Path(path_type=Path))
@options.of_convert
def main(source: Path, target: Path, **given: Any) -> None:
    """Keep some columns of the CSV file IN.csv in the Parquet file OUT.parquet.

    A run over OUT.parquet gives the same results as one over IN.csv, and reads a fraction of the
    bytes. Rows stay in order. Numbers become float64, null where they are missing; what
    --on-invalid skip leaves out becomes infinite, which a run takes for invalid again. All else is
    kept as text. OUT.parquet is complete, or absent, and the same bytes whatever the partitions.
    """
    chosen = ConvertArguments(**given)
    with exits(verbose=chosen.verbose):
        from functools import partial

        from pipeline.engine.connect import connect

        reading = chosen.reading(chosen.columns[0])
        cut = chosen.partitioning() if chosen.partitions or chosen.blocksize else None
        conversion = Conversion(source, target, reading, chosen.columns, chosen.numbers, cut)
        cluster = partial(connect, chosen.scheduler, chosen.workers, chosen.priority)
        promise([target])
        with Progress(quiet=chosen.quiet) as progress:
            written = convert(conversion, cluster, progress)
        if written.invalid:
            progress.notice(f"{written.invalid:,} invalid cells are infinite in {target}")
        with printing([target]):
            click.echo(f"written: {target} ({written.rows:,} rows, {written.size:,} bytes)")


if __name__ == "__main__":
    end(main)
