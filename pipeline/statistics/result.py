"""The Result: the statistics of a column, and their texts."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Source:
    """What was described: file name, size in bytes, column; and the moving variance's window."""

    file: str
    size: int
    column: str
    window: int


@dataclass(frozen=True)
class Result:
    """The statistics of a column's valid values; None where one is undefined.

    Variance and standard deviation are the population's, skewness and kurtosis biased, kurtosis
    that of Fisher (0 for a normal distribution). `mode` is the most frequent value, the earliest
    of several. `percentiles` maps each percentage asked for to its value, interpolated linearly.
    `moving_variance_sum` adds the population variances of `moving_windows` windows.
    """

    count: int
    missing: int
    invalid: int
    mean: float | None
    max: float | None
    min: float | None
    mode: float | None
    variance: float | None
    std: float | None
    kurtosis: float | None
    skewness: float | None
    moving_variance_sum: float | None
    moving_windows: int
    percentiles: dict[float, float | None]
    source: Source

    def to_json(self) -> str:
        """Return the result as the text of `results.json`."""
        fields = asdict(self)
        fields["percentiles"] = {f"{key}": value for key, value in self.percentiles.items()}
        return json.dumps(fields, indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    def to_csv(self) -> str:
        """Return the result as the text of `combined_results.csv`: a header and one row."""
        row: dict[str, object] = {
            "temperatura_promedio": self.mean,
            "max_value": self.max,
            "min_value": self.min,
            "moda": self.mode,
            "varianza": self.variance,
            "desviacion_estandar": self.std,
            "curtosis": self.kurtosis,
            "asimetria": self.skewness,
            "suma_varianza_movil": self.moving_variance_sum,
            "percentiles": self.percentiles,
        }
        return to_csv([row])


def to_csv(rows: list[dict[str, object]]) -> str:
    """Return rows of equal keys as CSV text; None becomes an empty cell."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
