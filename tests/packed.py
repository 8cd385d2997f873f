"""A small table, compressed in each way; and what reading a file without a cluster comes to."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from backports import zstd

from pipeline.errors import InputError
from pipeline.formats.open import open_table
from pipeline.formats.read_options import ReadOptions
from pipeline.partitions.reading import read
from pipeline.partitions.segment import Job
from pipeline.statistics.options import StatisticsOptions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROWS = 3000


def zipped(data: bytes, *names: str) -> bytes:
    """Return an archive that holds the data under each name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names or ("data.csv",):
            archive.writestr(name, data)
    return out.getvalue()


def checked_zstd(data: bytes) -> bytes:
    """Return data as the command zstd writes it, with a checksum."""
    return zstd.compress(data, options={zstd.CompressionParameter.checksum_flag: 1})


COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gz": partial(gzip.compress, mtime=0),
    "zst": checked_zstd,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zip": zipped,
}


def text(rows: int = ROWS, seed: int = 5) -> bytes:
    random = np.random.default_rng(seed)
    cells = random.normal(20, 5, rows).round(2).tolist()
    lines = (f"{i % 7},{x if i % 11 else ''},note {i}\n" for i, x in enumerate(cells))
    return ("station,x,note\n" + "".join(lines)).encode()


TEXT = text()
PACKED = {kind: compress(TEXT) for kind, compress in COMPRESS.items()}


def read_all(path: Path, **options: Any) -> dict[str, Any]:
    """Return what reading a file without a cluster comes to; raise InputError."""
    table, _ = open_table(path, ReadOptions(column="x", **options))
    (whole,) = table.split(5)
    segment = read(Job(table, StatisticsOptions()), whole)
    if segment.problem:
        raise InputError(table.sentence(segment.problem))
    table.verify()
    (summary,) = segment.summary.columns
    return {"values": summary.values.values.tolist(), "missing": summary.missing}


def _wanted() -> dict[str, Any]:
    rows = [line.split(b",")[1] for line in TEXT.splitlines()[1:]]
    values = sorted({float(cell) for cell in rows if cell})
    return {"values": values, "missing": rows.count(b"")}


WANTED = _wanted()
