"""A damaged footer of a Parquet file gives the right values or one sentence, never an abort."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline import InputError
from pipeline.formats.open import open_table
from pipeline.formats.read_options import ReadOptions

if TYPE_CHECKING:
    from pathlib import Path

STEP = 3
"""One bit of so many is flipped."""

READ_WITH_EACH_FLIP = """
import sys
from pathlib import Path
from pipeline import InputError
from pipeline.formats.open import open_table
from pipeline.formats.partition import Partition
from pipeline.formats.read_options import ReadOptions

path, step = Path(sys.argv[1]), int(sys.argv[2])
sound = path.read_bytes()
footer = int.from_bytes(sound[-8:-4], "little")
for bit in range(8 * (len(sound) - 8 - footer), 8 * len(sound), step):
    print(bit, flush=True)
    data = bytearray(sound)
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)
    try:
        table, _ = open_table(path, ReadOptions("x"))
        cells = table.read(Partition(table.begin, table.end, certain=True))
        values = [value for batch in cells.batches() for value in batch.tolist()]
        if cells.problem:
            table.sentence(cells.problem)
        else:
            assert values == [i / 4 for i in range(40)]
    except InputError as error:
        assert "\\n" not in str(error)
print("end")
"""


def test_no_bit_of_a_footer_ends_the_process(tmp_path: Path):
    """In a process of its own, whose end would be seen: the right values, or one sentence."""
    path = tmp_path / "data.parquet"
    table = pa.table({"id": range(40), "x": [i / 4 for i in range(40)]})
    pq.write_table(table, path, row_group_size=20, write_page_checksum=True)
    command = [sys.executable, "-c", READ_WITH_EACH_FLIP, str(path), str(STEP)]
    found = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    last = found.stdout.split()[-1:]
    assert (found.returncode, last) == (0, ["end"]), found.stderr[-2000:]


def test_a_name_that_is_not_utf8_is_refused(tmp_path: Path):
    """Also where it is another column's."""
    path = tmp_path / "data.parquet"
    pq.write_table(pa.table({"identity": [1], "x": [1.0]}), path, store_schema=False)
    path.write_bytes(path.read_bytes().replace(b"identity", b"\xff\xfeentity"))
    with pytest.raises(InputError, match="has a column whose name is not UTF-8"):
        open_table(path, ReadOptions("x"))


def test_a_number_does_not_choose_among_columns_of_one_name(tmp_path: Path):
    """Pages are found by the column's name."""
    path = tmp_path / "data.parquet"
    pq.write_table(pa.table([[1.0], [2.0]], names=["x", "x"]), path)
    with pytest.raises(InputError, match="has 2 columns 'x', number 1 and 2; rename one"):
        open_table(path, ReadOptions(1))
