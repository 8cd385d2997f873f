"""How the library and the command are used: what is refused, and how the command ends."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from pipeline.run import main
from pipeline.sample import main as sample
from tests.cases import GOOD, Read, describe, describe_refusal
from tests.commands import command, refusal

# What is odd about a file comes as a warning.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.mark.parametrize(
    "options",
    [
        {"on_invalid": "ignore"},
        {"partitions": 0},
        {"partitions": 2, "blocksize": 100},
        {"window": 0},
        {"percentiles": (101,)},
        {"percentiles": (float("nan"),)},
        {"skip_lines": -1},
        {"decimal": ""},
    ],
    ids=str,
)
def test_a_keyword_without_a_meaning(options, data, client):
    """The library refuses what cannot be computed, as an InputError that names the keyword."""
    sentence = describe_refusal(Read(GOOD), data, client, **options)
    assert next(iter(options)).rstrip("s").replace("_", " ") in sentence.replace("_", " ").replace(
        "-", " "
    )


def test_a_missing_token_may_be_a_plain_string(data, client):
    """A string is one token, not a token for each of its letters."""
    found = describe(Read(GOOD + "4,s/d,d\n"), data, client, missing="s/d")
    assert (found.count, found.missing) == (3, 1)
    sentence = describe_refusal(Read(GOOD + "4,s,d\n"), data, client, missing="s/d")
    assert "'s'" in sentence


def test_a_missing_token_may_be_a_number(data, client):
    """A number stands for all spellings of itself."""
    found = describe(Read(GOOD + "4,-999.0,d\n"), data, client, missing=[-999])
    assert (found.count, found.missing) == (3, 1)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--partitions", "0"],
        ["--window", "x"],
        ["--percentiles", "10,200"],
        ["--percentiles", "10,many"],
        ["--valid-range", "low"],
        ["--valid-range", "9,1"],
        ["--on-invalid", "ignore"],
        ["--blocksize", "many"],
        ["--no-such-option"],
        ["--skip-lines", "-1"],
    ],
    ids=" ".join,
)
def test_wrong_usage_has_its_own_exit_code(arguments):
    """The command ends with exit code 2 and says which option is wrong."""
    result = CliRunner().invoke(main, ["data.csv", *arguments])
    assert result.exit_code == 2
    assert arguments[0] in result.output


def test_a_folder_that_cannot_be_written(data, tmp_path):
    """When the results cannot be written the command fails with a sentence, not a traceback."""
    data.write_text(GOOD)
    (tmp_path / "out").write_text("in the way")
    assert "out" in refusal(command(tmp_path, data, "--column", "x", "--output", "out"))
    assert (tmp_path / "out").read_text() == "in the way"


def test_a_traceback_only_with_verbose(data, tmp_path):
    """Where an error arose is shown to those who ask."""
    run = command(tmp_path, data, "--verbose")
    assert run.returncode == 1
    assert "Traceback" in run.stderr
    assert "is not there" in run.stderr


def test_a_sample_of_different_values_ends_with_the_numbers(tmp_path):
    """There are only so many with the decimals of a sensor."""
    result = CliRunner().invoke(
        sample, [str(tmp_path / "x.csv"), "--rows", "99999999999", "--distinct"]
    )
    assert result.exit_code == 2
    assert "--distinct allows --rows" in result.output


def test_a_range_leaves_out_what_lies_beyond(data, tmp_path):
    """Its ends are within."""
    data.write_text(GOOD)
    done = command(tmp_path, data, "--column", "x", "--valid-range", "1.5,3", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["count"], found["out_of_range"]) == (2, 1)


def test_a_size_may_have_a_unit(data, tmp_path):
    """Of bytes: by powers of 1,024 or of 1,000."""
    data.write_text(GOOD)
    for size in ("7", "7b", "1KiB", "1 kb"):
        done = command(tmp_path, data, "--column", "x", "--blocksize", size)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", [{}, {"by": "id"}], ids=str)
@pytest.mark.parametrize("number", ["-999.000000000000000000000", "-9.99e2"])
def test_a_missing_number_may_be_written_in_any_way(kind, number, data, client):
    """Also as no plain decimal."""
    found = describe(Read(GOOD + f"4,{number},d\n"), data, client, missing=["-999"], **kind)
    assert (found.count, found.missing) == (3, 1)


def test_a_long_spelling_of_a_missing_value_is_refused(data, client):
    assert "has 300 bytes, more than" in describe_refusal(
        Read(GOOD), data, client, missing=["x" * 300]
    )
