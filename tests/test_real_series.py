"""Real series: sea surface temperatures and a glucose monitor, as bokeh-sampledata ships them."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bokeh.sampledata.glucose import data as glucose
from bokeh.sampledata.sea_surface_temperature import sea_surface_temperature
from scipy import stats

import pipeline
from tests import oracle

if TYPE_CHECKING:
    import pandas as pd

ROOT = Path(__file__).parents[1]
SERIES = {
    "sea surface temperature": (sea_surface_temperature, "temperature", 19_226),
    "glucose": (glucose, "glucose", 52_281),
}


@pytest.fixture(params=SERIES)
def series(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, pd.Series, str]:
    """Write a series with all its columns; return the file, the values and the column's name."""
    frame, column, rows = SERIES[request.param]
    assert len(frame) == rows
    path = tmp_path / "series.csv"
    frame.to_csv(path)
    return path, frame[column].dropna(), column


def test_a_real_series_has_the_exact_statistics(series):
    """Every statistic is the oracle's to the last bit, in one partition and in thirteen."""
    path, values, column = series
    exact = oracle.expected(values.tolist())
    for partitions in (1, 13):
        found = vars(pipeline.describe(path, column=column, partitions=partitions))
        assert {name: found[name] for name in exact} == exact


def test_a_real_series_agrees_with_the_libraries(series):
    """numpy, pandas and scipy give the same up to their own rounding."""
    path, values, column = series
    found = pipeline.describe(path, column=column)
    close = pytest.approx
    assert found.mean == close(values.mean(), rel=1e-12)
    assert found.variance == close(values.var(ddof=0), rel=1e-11)
    assert found.std == close(values.std(ddof=0), rel=1e-11)
    assert found.skewness == close(stats.skew(values), rel=1e-10)
    assert found.kurtosis == close(stats.kurtosis(values), rel=1e-10)
    rolling = values.rolling(500).var(ddof=0).dropna()
    assert found.moving_variance_sum == close(rolling[:-1].sum(), rel=1e-10)
    assert found.moving_windows == len(rolling) - 1


def test_the_reference_kernel_agrees(tmp_path):
    """Plain Python loops over an unsplit file give what the partitions give."""
    path = tmp_path / "sample.csv"
    temperatures = sea_surface_temperature["temperature"].tolist()[:3_000]
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows([["id", "t"], *enumerate(temperatures)])
    reference = subprocess.run(
        [sys.executable, ROOT / "bench" / "peers" / "reference.py", path, "t"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found = json.loads(pipeline.describe(path, column="t", partitions=7).to_json())
    kernel = json.loads(reference.stdout)
    for name in ("count", "missing", "max", "min", "mode"):
        assert found[name] == kernel[name]
    for name in ("mean", "variance", "std", "kurtosis", "skewness", "moving_variance_sum"):
        assert found[name] == pytest.approx(kernel[name], rel=1e-11)
    assert found["percentiles"] == pytest.approx(kernel["percentiles"], rel=1e-15)
