"""What stands out in a column: each rule says what it must, and nothing else."""

from __future__ import annotations

import string
from dataclasses import replace

import numpy as np
import pytest

from pipeline.report.page.model import say
from pipeline.report.page.numbers import Numbers
from pipeline.report.page.remark_words import REMARKS
from pipeline.report.page.statistic_words import SPANISH
from pipeline.report.page.what_stands_out import Remark, remarks
from pipeline.report.page.words import WORDS
from pipeline.statistics.distribution import of_multiset
from pipeline.statistics.finish import finish_from
from pipeline.statistics.result import STATISTICS, Source
from pipeline.statistics.sufficient import SufficientStatistics
from pipeline.statistics.summary import summarise

CHANCE = np.random.default_rng(7)
NORMAL = CHANCE.normal(20, 5, 5_000).round(1)
FINE = CHANCE.normal(20, 5, 2_000).round(2)
RAIN = np.where(CHANCE.random(5_000) < 0.6, 0, CHANCE.gamma(1, 8, 5_000)).round(1)
HALVES = (NORMAL * 2).round() / 2


def found(values: np.ndarray, **counters: int) -> list[Remark]:
    summary = replace(summarise(np.asarray(values, float), 500), **counters)
    statistics = SufficientStatistics.of(summary, (10, 50, 90))
    result = finish_from(statistics, Source("f", 1, "x", 500))
    return remarks(result, of_multiset(summary.values, statistics.aggregates))


@pytest.mark.parametrize(
    ("values", "counters", "rules"),
    [
        (NORMAL, {}, []),
        (HALVES, {}, []),
        (CHANCE.random(1_000), {}, []),
        (NORMAL, {"missing": 200}, []),
        (NORMAL, {"missing": 5_000}, ["missing"]),
        (NORMAL, {"invalid": 1}, ["invalid"]),
        ([], {"missing": 3}, ["empty", "missing"]),
        ([7.0] * 9, {}, ["constant"]),
        ([7.0] * 99 + [8.0], {}, ["nearly_constant"]),
        (np.r_[NORMAL, [-999.0] * 50], {}, ["sentinel"]),
        (np.r_[NORMAL, [-999.0] * 50, [9999.0] * 20], {}, ["sentinel", "sentinel"]),
        (np.r_[NORMAL, [-501.0] * 20, [-702.0] * 20], {}, ["far"]),
        (np.r_[NORMAL, 4_000.0], {}, ["far_one"]),
        (np.r_[NORMAL, 4_000.0, -700.5], {}, ["far"]),
        (RAIN, {}, ["zeros"]),
        (np.r_[NORMAL, [21.7] * 900], {}, ["too_frequent"]),
        (np.r_[NORMAL, FINE], {}, ["mixed_decimals"]),
    ],
    ids=str,
)
def test_rules(values, counters, rules):
    """A rule speaks where its case is there, and is silent in data without it."""
    assert sorted(remark.rule for remark in found(values, **counters)) == rules


def test_the_sentence_has_the_figures():
    """A code for missing values is told with its number, and how to leave it out."""
    (remark,) = found(np.r_[NORMAL, [-999.0] * 50])
    english, spanish = say(remark, "en"), say(remark, "es")
    assert "occurs 50 times (1.0\u00a0%)" in english
    assert "--missing -999" in english
    assert "50 veces (1,0\u00a0%)" in spanish


def names(text: str) -> set[str]:
    return {name.partition(":")[0] for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("table", [WORDS, REMARKS], ids=["words", "remarks"])
def test_both_languages_say_the_same(table):
    """Each text is there in both languages, with the same figures in it."""
    for name, (english, spanish) in table.items():
        assert english.strip(), name
        assert spanish.strip(), name
        assert names(english) == names(spanish), name


def test_every_statistic_has_a_spanish_name():
    """Titles and definitions are translated, none is left over."""
    assert SPANISH.keys() == STATISTICS.keys()
    for name, (title, definition) in SPANISH.items():
        assert title.strip(), name
        assert definition.strip(), name
        assert names(title) == names(STATISTICS[name].title), name


@pytest.mark.parametrize(
    ("number", "english", "spanish"),
    [
        (1234567, "1,234,567", "1\u202f234\u202f567"),
        (-1234.5, "\N{MINUS SIGN}1,234.5", "\N{MINUS SIGN}1\u202f234,5"),
        (0.1 + 0.2, "0.3", "0,3"),
        (1.5e-7, "1.5\u00d710\u207b\u2077", "1,5\u00d710\u207b\u2077"),
        (2e20, "2\u00d710\u00b2\u2070", "2\u00d710\u00b2\u2070"),
        (0.0, "0", "0"),
        (814265701.2686785, "814,266,000", "814\u202f266\u202f000"),
        (None, "\N{EN DASH}", "\N{EN DASH}"),
        (float("-inf"), "-inf", "-inf"),
    ],
)
def test_numbers(number, english, spanish):
    """Numbers are written as the reader's language does."""
    assert Numbers.of("en").value(number) == english
    assert Numbers.of("es").value(number) == spanish


def test_shares():
    """A share that is not nothing, or not all, does not look so."""
    write = Numbers.of("en").share
    assert write(0, 7) == "0.0\u00a0%"
    assert write(1, 10**6) == "< 0.1\u00a0%"
    assert write(10**6 - 1, 10**6) == "> 99.9\u00a0%"
    assert write(7, 7) == "100.0\u00a0%"
    assert write(0, 0) == "0.0\u00a0%"
