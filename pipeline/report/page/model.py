"""The page as data: every text that is read and every picture, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.report.page import figures
from pipeline.report.page.along import along, moving_range
from pipeline.report.page.groups import group_part
from pipeline.report.page.heat import heat_maps
from pipeline.report.page.numbers import Numbers
from pipeline.report.page.picture import Picture
from pipeline.report.page.remark import Remark
from pipeline.report.page.what_stands_out import most_important, remarks
from pipeline.report.page.words import sentence, statistic, words
from pipeline.statistics.result import STATISTICS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipeline.report.page.groups import GroupPart
    from pipeline.report.page.remark import Figure
    from pipeline.request import Outcome
    from pipeline.statistics.distribution import Distribution
    from pipeline.statistics.profile import Profile
    from pipeline.statistics.result import Result

SKEWED = 0.4
"""Skewness by percentiles (Kelly's) from which on counts are drawn on a logarithmic scale.

A few values far away do not change it, as they change the third moment.
"""

_MARKED = (10, 25, 50, 75, 90)


@dataclass(frozen=True)
class Number:
    """A number on the page: its `name`, its `text`, all its digits in `full`, what it `means`."""

    name: str
    text: str
    full: str
    means: str = ""


@dataclass(frozen=True)
class Saying:
    """What stands out: a `text`, and the `section` of the page that shows it."""

    text: str
    section: str


@dataclass(frozen=True)
class ColumnPart:
    """The part of the page about one column.

    Attributes:
        name: The column.
        anchor: What its sections' names begin with.
        headline: The numbers that people ask for first.
        sayings: What stands out.
        along: The pictures along the file; none where it is too short.
        groups: Its groups; None where there are none.
        maps: Its groups by place and time; none where no key is a time, or no other is there.
        pictures: The pictures of its values.
        instead: A sentence in place of pictures that would show nothing; empty where there are any.
        numbers: All statistics.

    """

    name: str
    anchor: str
    headline: list[Number]
    sayings: list[Saying]
    along: list[Picture]
    groups: GroupPart | None
    maps: list[Picture]
    pictures: list[Picture]
    instead: str
    numbers: list[Number]


def column_part(outcome: Outcome, place: int, lang: str) -> ColumnPart:
    """Return the part of the page about a column.

    Args:
        outcome: What the run found.
        place: The column's place among the columns, from 0.
        lang: The reader's language.

    """
    anchor = f"c{place + 1}"
    result, found = outcome.results[place], outcome.distributions[place]
    profile = outcome.profiles[place]
    pictures, instead = _pictures(result, found, anchor, lang)
    groups, odd, maps = None, list[Remark](), list[Picture]()
    if outcome.groups is not None:
        names, numbers = words(lang), Numbers.of(lang)
        groups, odd = group_part(outcome.groups, place, outcome.keys, names, numbers)
        maps = heat_maps(outcome.groups, place, outcome.keys, names, numbers, anchor)
    told = most_important([*remarks(result, found, profile), *odd])
    return ColumnPart(
        called(result, lang),
        anchor,
        _headline(result, lang),
        [Saying(say(remark, lang), f"{anchor}-{remark.section}") for remark in told],
        _along(result, found, profile, anchor, lang),
        groups,
        maps,
        pictures,
        instead,
        list(_numbers(result, lang)),
    )


def called(result: Result, lang: str) -> str:
    """Return what the page calls a column: its name or, where that is a number, the word, too."""
    column = result.source.column
    number = words(lang)["column_number"].format(number=column)
    return number if column.isdecimal() else column


def say(remark: Remark, lang: str) -> str:
    """Return the sentence of a `remark` in a language, "en" or "es"."""
    numbers = Numbers.of(lang)
    figures = {name: _written(figure, numbers) for name, figure in remark.figures.items()}
    return sentence(remark.rule, lang).format(**figures)


def _written(figure: Figure, numbers: Numbers) -> str:
    kind, number, whole = figure
    if isinstance(number, str):
        return number
    if kind == "count":
        return numbers.count(int(number))
    if kind == "share":
        return numbers.share(int(number), int(whole))
    if kind == "plain":
        return f"{number:g}" if float(f"{number:g}") == number else repr(number)
    return numbers.value(number)


def _headline(result: Result, lang: str) -> list[Number]:
    names, numbers = words(lang), Numbers.of(lang)
    cells = result.count + result.missing + result.invalid + result.out_of_range
    spread = f"{numbers.value(result.mean, 4)} \u00b1 {numbers.value(result.std, 3)}"
    ends = {"low": numbers.value(result.min), "high": numbers.value(result.max)}
    return [
        Number(names["values_counted"], numbers.count(result.count), str(result.count)),
        Number(names["missing"], numbers.share(result.missing, cells), str(result.missing)),
        Number(names["mean_std"], spread, f"{result.mean} \u00b1 {result.std}"),
        Number(names["median"], numbers.value(result.median), numbers.full(result.median)),
        Number(
            names["range"],
            names["from_to"].format(**ends) if result.count else numbers.value(None),
            f"{result.min} \u2026 {result.max}",
        ),
    ]


def _numbers(result: Result, lang: str) -> Iterator[Number]:
    """Yield all statistics in the order of the reader's table."""
    numbers = Numbers.of(lang)
    for name in sorted(STATISTICS, key=lambda name: STATISTICS[name].place):
        title, definition = statistic(name, lang)
        title = title.format(window=result.source.window)
        value = getattr(result, name)
        for key, one in value.items() if isinstance(value, dict) else [("", value)]:
            text = words(lang)["undefined"] if one is None else numbers.value(one)
            yield Number(f"{title} {key}".rstrip(), text, numbers.full(one), definition)
            definition = ""  # of several percentiles, the first says what they are


def _pictures(
    result: Result, found: Distribution | None, anchor: str, lang: str
) -> tuple[list[Picture], str]:
    names, numbers = words(lang), Numbers.of(lang)
    if found is None:
        return [], names["no_values"]
    if result.distinct == 1:
        return [], names["constant"].format(value=numbers.value(result.min))
    column = called(result, lang)
    names = {**names, "unit": column}
    marks = _marks(result, names)
    scales = {
        names[name]: figures.histogram(found, marks, names, numbers, logarithmic=name != "linear")
        for name in _scales(found)
    }
    part, whole = (
        figures.curve(found, names, numbers, exceedance=exceedance) for exceedance in (True, False)
    )
    low, high = (numbers.value(value) for value in (found.where.low, found.where.high))
    fullest = int(found.counts.argmax())
    edges = found.bins.edges[fullest : fullest + 2].tolist()
    alt = names["histogram_alt"].format(
        column=column,
        q1=low,
        q3=high,
        low=numbers.value(edges[0]),
        high=numbers.value(edges[1]),
        share=numbers.share(int(found.counts[fullest]), result.count),
    )
    asked = {p: numbers.value(_quantile(found, p / 100)) for p in (10, 50, 90, 99)}
    return [
        Picture(
            f"{anchor}-histogram", names["histogram"],
            _histogram_caption(result, found, names, numbers), alt, scales, wide=True,
        ),
        Picture(
            f"{anchor}-distribution", names["distribution"], names["distribution_caption"],
            names["distribution_alt"].format(
                column=column, p10=asked[10], p50=asked[50], p90=asked[90]
            ),
            {"": whole},
        ),
        Picture(
            f"{anchor}-exceedance", names["exceedance"], names["exceedance_caption"],
            names["exceedance_alt"].format(
                column=column, p99=asked[99], max=numbers.value(result.max)
            ),
            {"": part},
        ),
    ], ""  # fmt: skip


def _along(
    result: Result, found: Distribution | None, profile: Profile | None, anchor: str, lang: str
) -> list[Picture]:
    stretches = [one for one in profile.stretches if one.rows] if profile else []
    if found is None or profile is None or len(stretches) <= 1:
        return []
    names, numbers = words(lang), Numbers.of(lang)
    means = [one.mean for one in stretches if one.mean is not None]
    most = max(stretches, key=lambda one: one.missing / one.rows)
    alt = names["along_alt"].format(
        stretches=numbers.count(len(stretches)),
        low=numbers.value(min(means), 4),
        high=numbers.value(max(means), 4),
        most=numbers.share(most.missing, most.rows),
    )
    kind = "" if most.missing else "_complete"
    caption = names[f"along_caption{kind}"].format(stretches=numbers.count(len(stretches)))
    if found_range := moving_range(profile):
        window = numbers.count(result.source.window)
        low, high = (numbers.value(one, 4) for one in found_range)
        caption += names["along_moving"].format(window=window)
        alt += names["along_moving_alt"].format(window=window, low=low, high=high)
    drawn = {"": along(profile, found, {**names, "unit": called(result, lang)}, numbers)}
    title = names[f"along_title{kind}"]
    return [Picture(f"{anchor}-means", title, caption, alt, drawn, wide=True)]


def _scales(found: Distribution) -> tuple[str, str]:
    """Return the two scales of counts, the one first that suits the values."""
    low, middle, high = (_quantile(found, share) for share in (0.1, 0.5, 0.9))
    skewed = abs((high - middle) - (middle - low)) > SKEWED * (high - low)
    return ("logarithmic", "linear") if skewed else ("linear", "logarithmic")


def _marks(result: Result, names: Mapping[str, str]) -> list[figures.Mark]:
    wanted = {f"p{key}": value for key, value in result.percentiles.items() if key in _MARKED}
    wanted |= {names["label_mean"]: result.mean, names["label_mode"]: result.mode}
    marks = [figures.Mark(name, value) for name, value in wanted.items() if value is not None]
    return sorted(marks, key=lambda mark: mark.value)


def _histogram_caption(
    result: Result, found: Distribution, names: Mapping[str, str], numbers: Numbers
) -> str:
    width = numbers.value(float(found.bins.width))
    parts = [names["histogram_caption"].format(width=width, count=numbers.count(result.count))]
    edges = found.bins.edges
    hidden = found.counts[(edges[1:] < found.where.near[0]) | (edges[:-1] > found.where.near[1])]
    if hidden.sum() and _scales(found)[0] == "linear":
        parts.append(names["outside_view"].format(count=numbers.count(int(hidden.sum()))))
    for name, count, end in zip(
        ("outside_below", "outside_above"), found.outside, (result.min, result.max), strict=True
    ):
        if count:
            text = names[name].format(count=numbers.count(count), end=numbers.value(end))
            parts.append(text)
    return " ".join(parts)


def _quantile(found: Distribution, share: float) -> float:
    """Return the least point of the curve at or below which that share of the values lies."""
    wanted = share * (int(found.counts.sum()) + sum(found.outside))
    return float(found.curve[min(int((found.upto < wanted).sum()), found.curve.size - 1)])
