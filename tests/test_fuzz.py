"""Damaged and odd files, cut anywhere: what a slow reader reads, or a refusal; nothing else."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline.formats import missing
from pipeline.formats.csv.cells import CsvCells
from tests.fuzz.answers import Answer, Refusal
from tests.fuzz.case import Case, Options, Query
from tests.fuzz.check import check
from tests.fuzz.make import make
from tests.fuzz.minimise import minimise
from tests.fuzz.reference import expect
from tests.fuzz.watch import watch

if TYPE_CHECKING:
    from pathlib import Path

CASES = 2_000
SOUND = Case("sound", b"id,x\n1,1.5\n2,NA\n3,-0.0\n", cuts=((), (0.3, 0.6)))


def test_whatever_a_file_holds_the_answer_is_right_or_it_is_refused(tmp_path: Path):
    """The same cases each time; `make fuzz` tries others."""
    tally = watch(seed=1, first=0, count=CASES, out=tmp_path)
    assert (tally.cases, tally.wrong) == (CASES, {})
    assert tally.readings > CASES


def test_the_slow_reader_knows_the_rules():
    """A few files that a reader can check by eye."""
    assert expect(SOUND) == Answer([[1.5, -0.0]], [], [1], [0], [0])
    assert expect(SOUND) != Answer([[1.5, 0.0]], [], [1], [0], [0])
    ragged = replace(SOUND, data=SOUND.data + b"4\n")
    assert expect(ragged) == Refusal("ragged", len(SOUND.data))
    skipped = replace(ragged, options=Options(on_invalid="skip"))
    assert expect(skipped) == Answer([[1.5, -0.0]], [], [1], [1], [0])
    chosen = replace(SOUND, query=Query(("x",), where=("id!=2",), valid_range=(1, 2)))
    assert expect(chosen) == Answer([[1.5]], [], [0], [0], [1], 1)
    open_quote = replace(SOUND, data=SOUND.data + b'4,"2')
    assert expect(open_quote) == Refusal("quote", len(SOUND.data))


def test_a_wrong_answer_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """If the pipeline no longer knew a spelling of missing, or lost what is left at the end."""
    assert check(SOUND, tmp_path).wrong is None
    with monkeypatch.context() as broken:
        broken.setattr(missing, "SPELLINGS", ("null",))
        assert "Refusal(kind='cell', place=11)" in str(check(SOUND, tmp_path).wrong)
    monkeypatch.setattr(CsvCells, "_rest", lambda _: iter(()))
    assert "[2] values" in str(check(SOUND, tmp_path).wrong)


def test_a_traceback_is_found_and_its_file_made_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Every finding can be tried again from what was kept of it."""

    def fail(cells: CsvCells, text: bytes) -> None:
        raise ZeroDivisionError(cells, text)

    monkeypatch.setattr(CsvCells, "_handle", fail)
    case = replace(SOUND, data=SOUND.data + b"4,s/d\n" * 50, options=Options(on_invalid="skip"))
    assert "ZeroDivisionError" in str(check(case, tmp_path).wrong)
    small = minimise(case, tmp_path)
    assert len(small.data) <= len(b"id,x\n,s/d")
    assert small.cuts == ((),)
    small.save(tmp_path / "kept")
    assert Case.load(tmp_path / "kept") == small


def test_a_kept_case_is_the_case(tmp_path: Path):
    """With all of its options, its query and what it held."""
    for number in range(100):
        case = make(3, number)
        case.save(tmp_path / case.name)
        assert Case.load(tmp_path / case.name) == case


@pytest.mark.parametrize(
    ("does", "why"),
    [("os.abort()", "code -6"), ("time.sleep(1e6)", "did not end within 2 s")],
)
def test_a_case_that_ends_the_process_or_never_ends_is_a_finding(does, why, tmp_path: Path):
    """The next case is tried by another process."""
    program = "import os, sys, time; print('{\"case\": %d}', flush=True); %s"

    def command(_: int, first: int, count: int, __: Path) -> list[str]:
        assert count == 2 - first
        return [sys.executable, "-c", program % (first, does)]

    tally = watch(1, 0, 2, tmp_path, command=command, limit=2)
    assert list(tally.wrong) == sorted(path.name for path in tmp_path.iterdir()) == ["1-0", "1-1"]
    assert all(why in text for text in tally.wrong.values())
