"""Bad input is read rightly or refused in one clear sentence: it is never silently wrong.

Each case goes through the library and through the command in a process of its own.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import pipeline
from pipeline import InputError
from pipeline.formats.csv.open import open_csv
from pipeline.formats.open import open_table
from pipeline.formats.partition import Partition
from pipeline.formats.read_options import ReadOptions
from tests.cases import GOOD, NO_NUMBERS, READ, REFUSED, describe, describe_refusal
from tests.commands import command, refusal

# What is odd about a file comes as a warning.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_file_is_refused_by_the_library(name, data, client):
    """The same sentence, which names the file, the place and the reason, for any partitioning."""
    case = REFUSED[name]
    sentences = {describe_refusal(case, data, client, partitions=n) for n in (1, 2, 9)}
    assert len(sentences) == 1, sentences
    (sentence,) = sentences
    assert "\n" not in sentence
    for words in case.says:
        assert words in sentence


@pytest.mark.parametrize("name", READ)
def test_an_odd_file_is_read_rightly_by_the_library(name, data, client):
    """Odd but sound files give the values they hold, for any partitioning."""
    case = READ[name]
    for partitions in (1, 2, 9):
        found = describe(case, data, client, partitions=partitions, window=1)
        assert (found.count, found.missing, found.invalid) == (
            len(case.values),
            case.missing,
            case.invalid,
        )
        if case.values:
            assert (found.min, found.mode) == (1.5, 1.5)
            assert (found.mean, found.max) == (8 / 3, 4.0)
        else:
            assert found.mean is found.max is found.mode is found.kurtosis is None
            assert set(found.percentiles.values()) == {None}
            assert (found.moving_variance_sum, found.moving_windows) == (0.0, 0)


SPOKEN = [
    "empty file", "unknown column", "column twice", "words", "too few fields",
    "gzip that is cut off", "quote never closed in the middle", "cut off inside the value",
    "UTF-16 with a mark",
    "NUL bytes in the cell", "header again", "delimiter of two characters", "unknown encoding",
]  # fmt: skip


@pytest.mark.parametrize("name", SPOKEN)
def test_a_bad_file_is_refused_by_the_command(name, data, client, tmp_path):
    """Exit code 1, the library's sentence alone on stderr, and no output file."""
    case = REFUSED[name]
    sentence = describe_refusal(case, data, client)
    run = command(tmp_path, data, *case.arguments())
    assert refusal(run) == sentence
    assert list(tmp_path.iterdir()) == [data]


@pytest.mark.parametrize("name", ["CR alone", "header only", "invalid skipped", "missing by name"])
def test_an_odd_file_is_read_rightly_by_the_command(name, data, tmp_path):
    """Exit code 0, and what the file holds in ``results.json``."""
    case = READ[name]
    data.write_bytes(case.data)
    run = command(tmp_path, data, *case.arguments(), "--output", "out")
    assert run.returncode == 0, run.stderr
    found = json.loads((tmp_path / "out" / "results.json").read_text("utf-8"))
    assert (found["count"], found["missing"], found["invalid"]) == (
        len(case.values),
        case.missing,
        case.invalid,
    )
    assert found["mean"] == (8 / 3 if case.values else None)
    assert ("no rows" in run.stderr) == (name == "header only")


def test_a_file_that_is_not_there(tmp_path):
    """The sentence names the path and the command that makes a sample of it."""
    path = tmp_path / "absent.csv"
    with pytest.raises(InputError, match=r"absent\.csv is not there.*pipeline\.sample") as caught:
        pipeline.describe(path)
    assert refusal(command(tmp_path, path)) == str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_the_default_file_is_named_when_absent(tmp_path):
    """Without FILE the share's file is meant, and the refusal says so."""
    default = Path("/mnt/shared/Datos_Hidrometeorologicos.csv")
    if default.exists():
        pytest.skip(f"{default} exists on this machine")
    assert str(default) in refusal(command(tmp_path))


def test_a_folder(tmp_path):
    """A folder is no file."""
    with pytest.raises(InputError, match="folder"):
        pipeline.describe(tmp_path)
    assert "folder" in refusal(command(tmp_path, tmp_path))


def test_a_pipe(tmp_path):
    """What is not a regular file is refused at once: a pipe has no parts, and might never end."""
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    assert "regular file" in refusal(command(tmp_path, pipe))


def test_a_name_that_results_cannot_hold_is_refused(tmp_path):
    """Before anything is read: results are UTF-8, and tell the file's name."""
    path = tmp_path / os.fsdecode(b"bad\xff.csv")
    path.write_text("x\n1\n")
    assert r"bad\xff.csv is no name in UTF-8; rename" in refusal(command(tmp_path, path))


def test_a_dangling_link(tmp_path):
    """A link to nothing is a file that is not there."""
    link = tmp_path / "link.csv"
    link.symlink_to("nothing.csv")
    with pytest.raises(InputError, match="not there"):
        pipeline.describe(link)


@pytest.mark.parametrize("change", ["grow", "shrink", "touch"])
def test_a_file_that_changes_while_it_is_read(change, data):
    """Parts read before and after a change do not belong together."""
    data.write_text(GOOD)
    table, _ = open_csv(data, ReadOptions("x"))
    if change == "grow":
        data.write_text(GOOD + "4,5.0,d\n")
    elif change == "shrink":
        data.write_text(GOOD[:-8])
    else:
        os.utime(data, ns=(0, 0))
    cells = table.read(Partition(table.begin, table.end, certain=True))
    with pytest.raises(InputError, match="changed while it was read"):
        list(cells.batches())


def test_a_number_beyond_float64_is_called_that(data, client):
    """The hint is about its size, not about decimal marks or missing values."""
    sentence = describe_refusal(NO_NUMBERS["a number beyond float64"], data, client)
    assert "too large" in sentence


def test_far_into_a_file_a_row_is_named_by_its_byte(tmp_path, monkeypatch):
    """To count its lines would take as long as to read it."""
    monkeypatch.setattr("pipeline.formats.csv.table._COUNTED_BYTES", 10)
    path = tmp_path / "x.csv"
    path.write_text("x\n1\n2\n3\n4\nabc\n")
    table, _ = open_table(path, ReadOptions("x"))
    cells = table.read(Partition(table.begin, table.end, certain=True))
    assert [list(batch) for batch in cells.batches()] == [[1, 2, 3, 4]]
    assert ": the row at byte 10 has 'abc'" in table.sentence(cells.problem)
