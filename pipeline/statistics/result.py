"""The Result, whose fields are the table of the statistics, and its texts.

Everything that shows statistics goes over this table. To add one, see "Add a statistic" in
CONTRIBUTING.md.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.statistics import formulas
from pipeline.statistics.result_html import html_table
from pipeline.statistics.statistic import Unit, Value, documentation, row, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from pipeline.reject import Reject
    from pipeline.statistics.figures import Figures, Shown

GroupKey = str | tuple[str, ...]
"""A group's key: the text of its cell; a tuple of several where there are several keys."""


class ByGroup(Mapping[GroupKey, "Result"]):
    """The results of groups by their keys, in order.

    Attributes:
        names: The names of the keys.

    """

    names: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """What was described.

    Attributes:
        file: The file's name, without its folder.
        size: The file's size in bytes.
        column: The column's name, or its number where the file has no header.
        window: How many values a window of the moving variance holds.

    """

    file: str
    size: int
    column: str
    window: int


# fmt: off
@dataclass(frozen=True)
class Result:
    """The statistics of a column, exact over all rows of the file. Immutable.

    Each statistic is computed from the valid values in exact arithmetic and rounded once. It is
    None where it is undefined: all but the counts and `moving_variance_sum` for a column without
    values, skewness and kurtosis for a constant one, and whatever lies beyond the range of float64.

    `describe` returns a Result; nothing else needs to make one. `to_json` and `to_csv` return it as
    text, `statistics` as a dictionary. A notebook shows it as a table.

    Example:
        >>> result = describe("Datos_Hidrometeorologicos.csv")
        >>> result.mean, result.percentiles[50], result.source.window

    Attributes:
        source (Source): The file's name and size, the column, and the window.
        groups (ByGroup | None): The results of each group by its key, if there are groups.
        rejects (tuple[Reject, ...]): The first cells and rows that were skipped, whatever their
            column, if they were asked for: tuples of file, offset, column, reason and text.
        figures (Figures | None): What `plot` and `report` show, if that was asked for.

    """

    count: int = field(metadata=row(
        formulas.count, "count", Unit.NONE, place=10,
        definition="How many values are valid"))
    missing: int = field(metadata=row(
        formulas.missing, "missing", Unit.NONE, place=20,
        definition="How many cells are missing: empty, or spelt like a missing value"))
    invalid: int = field(metadata=row(
        formulas.invalid, "invalid", Unit.NONE, place=30,
        definition="How many cells that hold no number, or rows with too few or too many fields, "
        "were skipped"))
    out_of_range: int = field(metadata=row(
        formulas.out_of_range, "out of range", Unit.NONE, place=32,
        definition="How many numbers lie outside the valid range that was asked for, and do not "
        "count"))
    filtered: int = field(metadata=row(
        formulas.filtered, "filtered", Unit.NONE, place=34,
        definition="How many rows do not meet the conditions that were asked for, and do not "
        "count"))
    mean: float | None = field(metadata=row(
        formulas.mean, "mean", Unit.COLUMN, place=40, reference="temperatura_promedio",
        definition="The sum of the values, divided by their number"))
    max: float | None = field(metadata=row(
        formulas.greatest, "max", Unit.COLUMN, place=100, reference="max_value",
        definition="The greatest value"))
    min: float | None = field(metadata=row(
        formulas.least, "min", Unit.COLUMN, place=90, reference="min_value",
        definition="The least value"))
    mode: float | None = field(metadata=row(
        formulas.mode, "mode", Unit.COLUMN, place=110, reference="moda",
        definition="The most frequent value; of several, the one that appears first in the file"))
    variance: float | None = field(metadata=row(
        formulas.variance, "variance", Unit.SQUARE, place=50, reference="varianza",
        definition="The mean squared distance from the mean (population: divided by n)"))
    std: float | None = field(metadata=row(
        formulas.std, "std", Unit.COLUMN, place=60, reference="desviacion_estandar",
        definition="The standard deviation: the square root of the variance"))
    kurtosis: float | None = field(metadata=row(
        formulas.kurtosis, "kurtosis", Unit.NONE, place=80, reference="curtosis",
        definition="The fourth central moment over the squared variance, less 3 (Fisher: 0 for a "
        "normal distribution; biased, as scipy.stats.kurtosis)"))
    skewness: float | None = field(metadata=row(
        formulas.skewness, "skewness", Unit.NONE, place=70, reference="asimetria",
        definition="The third central moment over the cubed standard deviation (biased, as "
        "scipy.stats.skew)"))
    moving_variance_sum: float | None = field(metadata=row(
        formulas.moving_variance_sum, "moving variance, sum over windows of {window:,}",
        Unit.SQUARE, place=130, reference="suma_varianza_movil",
        definition="The sum of the population variances of all windows of consecutive values but "
        "the one that ends at the last value; 0.0 where there is none"))
    moving_windows: int = field(metadata=row(
        formulas.moving_windows, "moving windows", Unit.NONE, place=140,
        definition="How many windows that sum is over: count less window, or 0"))
    percentiles: dict[float, float | None] = field(metadata=row(
        formulas.percentiles, "percentile", Unit.COLUMN, place=120, reference="percentiles",
        definition="By percentage, the value below which that share of the values lies, "
        "interpolated linearly at rank (n-1)*percentage/100, as numpy.percentile"))
    sum: float | None = field(metadata=row(
        formulas.total, "sum", Unit.COLUMN, place=38,
        definition="The sum of the values"))
    distinct: int = field(metadata=row(
        formulas.distinct, "distinct values", Unit.NONE, place=36,
        definition="How many different values there are"))
    median: float | None = field(metadata=row(
        formulas.median, "median", Unit.COLUMN, place=42,
        definition="Percentile 50"))
    iqr: float | None = field(metadata=row(
        formulas.interquartile_range, "interquartile range", Unit.COLUMN, place=122,
        definition="Percentile 75 less percentile 25"))
    mad: float | None = field(metadata=row(
        formulas.median_absolute_deviation, "median absolute deviation", Unit.COLUMN, place=124,
        definition="The median of the values' distances from the median"))
    mode_count: int = field(metadata=row(
        formulas.mode_count, "mode occurs", Unit.NONE, place=112,
        definition="How often the mode occurs"))
    mode_ties: int = field(metadata=row(
        formulas.mode_ties, "values as frequent as the mode", Unit.NONE, place=114,
        definition="How many different values occur as often as the mode, itself among them"))
    zeros: int = field(metadata=row(
        formulas.zeros, "zeros", Unit.NONE, place=116,
        definition="How many values are 0"))
    negatives: int = field(metadata=row(
        formulas.negatives, "negative values", Unit.NONE, place=118,
        definition="How many values lie below 0"))
    sample_variance: float | None = field(metadata=row(
        formulas.sample_variance, "sample variance", Unit.SQUARE, place=52,
        definition="The sum of squared distances from the mean, divided by n-1; of two values or "
        "more"))
    sample_std: float | None = field(metadata=row(
        formulas.sample_std, "sample std", Unit.COLUMN, place=62,
        definition="The square root of the sample variance"))
    sample_skewness: float | None = field(metadata=row(
        formulas.sample_skewness, "sample skewness", Unit.NONE, place=72,
        definition="The skewness corrected for its bias, as scipy.stats.skew with bias=False; of "
        "three values or more"))
    sample_kurtosis: float | None = field(metadata=row(
        formulas.sample_kurtosis, "sample kurtosis", Unit.NONE, place=82,
        definition="The kurtosis corrected for its bias, as scipy.stats.kurtosis with bias=False; "
        "of four values or more"))
    source: Source
    groups: ByGroup | None = field(default=None, repr=False, compare=False)
    rejects: tuple[Reject, ...] = field(default=(), repr=False, compare=False)
    figures: Figures | None = field(default=None, repr=False, compare=False)
    # fmt: on

    def statistics(self) -> dict[str, Value]:
        """Return all statistics by name, in the order of `results.json`."""
        return {name: getattr(self, name) for name in STATISTICS}

    def to_dict(self) -> dict[str, object]:
        """Return all statistics and the source, as JSON holds them."""
        texts = {name: _keyed_by_text(value) for name, value in self.statistics().items()}
        return texts | {"source": asdict(self.source)}

    def to_json(self) -> str:
        """Return the text of `results.json`: all statistics and the source; undefined is null."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    def to_csv(self) -> str:
        """Return the text of `combined_results.csv`: the reference's header and one row.

        Undefined is an empty cell; the percentiles are a Python dictionary.
        """
        return to_csv([self.reference_row()])

    def reference_row(self) -> dict[str, Value]:
        """Return the row of `combined_results.csv`, by the reference's names."""
        values = self.statistics()
        return {item.reference: values[n] for n, item in STATISTICS.items() if item.reference}

    def to_frame(self) -> pd.DataFrame:
        """Return the statistics as a pandas DataFrame: a row for each group, by its key.

        Without groups there is one row, named as the column.
        """
        import pandas as pd

        rows = [one.flat() for one in self.groups.values()] if self.groups else [self.flat()]
        if self.groups is None:
            return pd.DataFrame(rows, index=pd.Index([self.source.column], name="column"))
        names = self.groups.names
        if len(names) == 1:
            return pd.DataFrame(rows, index=pd.Index(list(self.groups), name=names[0]))
        keys = [tuple(key) for key in self.groups]
        return pd.DataFrame(rows, index=pd.MultiIndex.from_tuples(keys, names=names))

    def _repr_html_(self) -> str:
        """Return the statistics and their definitions as a table, which notebooks show."""
        caption = f"{self.source.file}: {self.source.column}"
        if self.groups is not None:
            caption += f"; {len(self.groups):,} groups in .groups and .to_frame()"
        return html_table(caption, self.statistics(), STATISTICS, self.source.window)

    def report(self, lang: str = "en") -> Shown:
        """Return the page about this column, which a notebook shows in place; `save` writes it.

        `lang` is the reader's language, "en" or "es". Raises InputError for another one, and where
        `describe` was not called with `report=True`.
        """
        return self._figures().report(lang)

    def plot(self, lang: str = "en") -> Shown:
        """Return the pictures of the page alone; `lang` and errors as for `report`."""
        return self._figures().plot(lang)

    def _figures(self) -> Figures:
        if self.figures is None:
            raise InputError(
                "there is nothing to show; for a column, call describe with report=True"
            )
        return self.figures

    def flat(self) -> dict[str, float | None]:
        """Return all statistics by name, percentiles as p10 and so on."""
        flat: dict[str, float | None] = {}
        for name, value in self.statistics().items():
            if isinstance(value, dict):
                flat |= {f"p{key}": one for key, one in value.items()}
            else:
                flat[name] = value
        return flat


STATISTICS = table(Result)
"""The table of the statistics: its rows by name, in the order of `results.json`."""

Result.__doc__ = documentation(Result)


def to_json(results: Sequence[Result], left_out: Sequence[str] | None = None) -> str:
    """Return the text of `results.json`: one of the `results`, or several by their columns.

    The names in `left_out`, which may be none, are those of columns that hold no numbers.
    """
    if len(results) == 1 and left_out is None:
        return results[0].to_json()
    whole: dict[str, object] = {
        "columns": {result.source.column: result.to_dict() for result in results}
    }
    if left_out is not None:
        whole["left_out"] = list(left_out)
    return json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def to_csv(rows: Sequence[Mapping[str, Value | str]]) -> str:
    """Return one or more `rows` of equal keys as CSV text with a header; None is an empty cell."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _keyed_by_text(value: Value) -> object:
    return {f"{key}": item for key, item in value.items()} if isinstance(value, dict) else value
