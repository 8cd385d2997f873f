"""Arrow tables as CSV: what is undefined, and what is loaded for it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from pipeline.report.arrow_csv import lines
from tests.commands import command


def test_groups_are_written_without_pandas(tmp_path, monkeypatch):
    """It takes a fifth of a second to import, and Arrow would; numbers are spelled as ever."""
    (tmp_path / "data.csv").write_text('key,x\na,1e-7\nb,1e22\n"c,d",2.5\nb,\n')
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    run = command(tmp_path, "data.csv", "--column", "x", "--by", "key")
    imported = {line.rpartition("|")[2].strip() for line in run.stderr.splitlines()}
    assert "pyarrow" in imported
    assert "pandas" not in imported
    rows = pd.read_csv(tmp_path / "groups.csv", dtype=str)
    assert rows["key"].tolist() == ["a", "b", "c,d"]
    assert rows["mean"].tolist() == ["1e-07", "1e+22", "2.5"]
    assert rows["missing"].tolist() == ["0", "1", "0"]


def test_what_is_undefined_is_empty_whatever_arrow_keeps_there():
    """The number behind a null is anything."""
    buffers = [pa.py_buffer(b"\x05"), pa.py_buffer(np.array([0.5, 1e300, 2.0]))]
    cells = pa.Array.from_buffers(pa.float64(), 3, buffers)
    assert lines(pa.Table.from_arrays([cells, cells], ["a", "b"])) == b"0.5,0.5\n,\n2.0,2.0\n"
