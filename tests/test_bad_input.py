"""Bad input is read rightly or refused with one clear sentence; never is it silently wrong.

Each case goes through the library and through the command in a process of its own.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

import pipeline
from pipeline import InputError
from pipeline.formats.csv.open import open_csv
from pipeline.formats.read_options import ReadOptions
from pipeline.partitions.cutting import Partition
from pipeline.run import main
from tests.clusters import local

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distributed import Client

# What is odd about a file is told as a warning.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

GOOD = "id,x,note\n1,1.5,a\n2,2.5,b\n3,4.0,c\n"


@dataclass(frozen=True)
class Case:
    """The content of a file and the options it is read with."""

    content: str | bytes
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def data(self) -> bytes:
        return self.content if isinstance(self.content, bytes) else self.content.encode()

    def arguments(self) -> list[str]:
        """Return the options as the command takes them."""
        arguments = []
        for name, value in ({"column": "x"} | self.options).items():
            if name == "header":
                arguments.append("--no-header")
            elif name == "missing":
                arguments += [word for token in value for word in ("--missing", token)]
            else:
                arguments += [f"--{name.replace('_', '-')}", str(value)]
        return arguments


@dataclass(frozen=True)
class Refused(Case):
    """A file that is refused with a sentence in which all of *says* occur."""

    says: tuple[str, ...] = ()


@dataclass(frozen=True)
class Read(Case):
    """A file whose column holds *values*, beside cells that are missing or invalid."""

    values: tuple[float, ...] = (1.5, 2.5, 4.0)
    missing: int = 0
    invalid: int = 0


def bad_cell(text: str, *, shown: str | None = None) -> Refused:
    """Return a good file but for one cell, which the refusal must show with its place."""
    data = f"id,x,note\n1,1.5,a\n2,{text},b\n3,4.0,c\n"
    return Refused(
        data, says=("line 3", "byte 18", "'x'", text.strip('"') if shown is None else shown)
    )


def zipped(text: str) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("data.csv", text)
    return stream.getvalue()


NO_NUMBERS = {
    "words": bad_cell("s/d"),
    "a word that starts like a number": bad_cell("12 mm"),
    "a word with a number in it": bad_cell("about 12"),
    "infinity": bad_cell("inf"),
    "infinity in full": bad_cell("-Infinity"),
    "a number beyond float64": bad_cell("1e400"),
    "hexadecimal": bad_cell("0x10"),
    "hexadecimal float": bad_cell("0x1p3"),
    "underscore between digits": bad_cell("1_000"),
    "thousands mark": bad_cell('"1,000.5"'),
    "decimal comma in quotes": bad_cell('"1,5"'),
    "two decimal marks": bad_cell("1.2.3"),
    "two signs": bad_cell("--1"),
    "sign alone": bad_cell("-"),
    "point alone": bad_cell("."),
    "exponent without digits": bad_cell("1e"),
    "exponent alone": bad_cell("e5"),
    "blank between digits": bad_cell("1 2"),
    "blank after the sign": bad_cell("- 1"),
    "Arabic digits": bad_cell("\u0661\u0665"),
    "full-width digits": bad_cell("\uff11\uff15"),
    "typographic minus": bad_cell("\u22121"),
    "no-break blank": bad_cell("1\u00a0", shown="1\\xa0"),
    "a boolean": bad_cell("True"),
    "a date": bad_cell("2020-01-01"),
    "a percentage": bad_cell("15%"),
    "a quote inside": bad_cell('"1""5"', shown='1""5'),
    "a stray quote": bad_cell('1"5', shown='1"5'),
    "an almost missing token": bad_cell("nill"),
    "NUL bytes in the cell": bad_cell("1\0\0", shown="1"),
}

REFUSED = {
    "empty file": Refused("", says=("empty",)),
    "blank lines only": Refused("\n\n\n", says=("blank",)),
    "unknown column": Refused(GOOD, {"column": "y"}, says=("'y'", "'id'", "'x'", "'note'")),
    "column twice": Refused("x,a,x\n1,2,3\n", says=("2 columns", "1 and 3")),
    "two columns that differ in case": Refused(
        "VALOR,Valor\n1,2\n", {"column": "valor"}, says=("2 columns", "1 and 2")
    ),
    "column number too high": Refused(
        GOOD, {"header": False, "column": "4"}, says=("3 columns", "4")
    ),
    "column number zero": Refused(GOOD, {"header": False, "column": "0"}, says=("3 columns", "0")),
    "column name without a header": Refused(GOOD, {"header": False}, says=("number", "'x'")),
    "header taken for a row": Refused(
        GOOD, {"header": False, "column": "2"}, says=("line 1", "'x'")
    ),
    "too few fields": Refused(GOOD + "4,5.0\n5,6.0,e\n", says=("line 5", "2 fields", "3")),
    "too many fields": Refused(GOOD + "4,5.0,d,e\n", says=("line 5", "4 fields", "3")),
    "unquoted comma in a field": Refused(GOOD + "4,5.0,BOGOTA, D.C\n", says=("line 5", "4 fields")),
    "quote never closed in the header": Refused(
        'id,"x,note\n1,2,3\n', says=("quote", "never closed")
    ),
    "quote never closed in the middle": Refused(
        'id,x,note\n1,1.5,a\n2,2.5,"b\n3,4.0,c\n', says=("line 3", "quote", "never closed")
    ),
    "quote never closed in the last field": Refused(GOOD + '4,5.0,"d', says=("line 5", "quote")),
    "cut off inside the value": Refused(GOOD + "4,15.4", says=("line 5", "2 fields", "cut off")),
    "cut off before the value": Refused(GOOD + "4", says=("line 5", "1 field", "cut off")),
    "cut off inside a quoted value": Refused(
        '"x","id"\n"1.5","1"\n"15.4', says=("line 3", "quote", "never closed")
    ),
    "cut off inside the last, quoted value": Refused(
        '"id","x"\n"1","1.5"\n"2","15.4', says=("line 3", "quote", "never closed")
    ),
    "UTF-16 with a mark": Refused(GOOD.encode("utf-16"), says=("UTF-16", "iconv")),
    "UTF-16 big-endian with a mark": Refused(
        b"\xfe\xff" + GOOD.encode("utf-16-be"), says=("UTF-16",)
    ),
    "UTF-16 without a mark": Refused(GOOD.encode("utf-16-le"), says=("NUL", "UTF-16")),
    "UTF-32": Refused(GOOD.encode("utf-32"), says=("UTF-32",)),
    "gzip": Refused(gzip.compress(GOOD.encode(), mtime=0), says=("gzip",)),
    "zip": Refused(zipped(GOOD), says=("zip",)),
    "NUL bytes in the header": Refused("id,x\0,note\n1,2,3\n", says=("NUL",)),
    "a hole of NUL bytes at the end": Refused(GOOD + "\0" * 500, says=("line 5", "1 field")),
    "decimal comma with semicolons": Refused(
        "id;x\n1;1,5\n2;2,5\n", says=("line 2", "'1,5'", "--decimal")
    ),
    "decimal point where a comma is announced": Refused(
        "id;x\n1;1.5\n", {"decimal": ","}, says=("line 2", "'1.5'", "--decimal")
    ),
    "preamble": Refused("Station report\nmade 2020\nid,x,note\n1,1.5,a\n", says=("'x'",)),
    "header again": Refused(GOOD + GOOD, says=("line 5", "'x'", "header")),
    "two tables in one file": Refused(GOOD + "\nname,place\nA,B\n", says=("line 6", "2 fields")),
    "delimiter in doubt": Refused("x,a;b\n1,2;3\n4,5;6\n", says=("--delimiter",)),
    "wrong delimiter": Refused(GOOD, {"delimiter": ";"}, says=("'x'", "id,x,note")),
    "delimiter of two characters": Refused(GOOD, {"delimiter": "::"}, says=("delimiter", "'::'")),
    "the same mark twice": Refused(GOOD, {"delimiter": ",", "decimal": ","}, says=("differ",)),
    "unknown encoding": Refused(GOOD, {"encoding": "utf-99"}, says=("utf-99",)),
    "encoding that is no extension of ASCII": Refused(
        GOOD, {"encoding": "utf-16"}, says=("utf-16",)
    ),
    "more lines to skip than there are": Refused(GOOD, {"skip_lines": 9}, says=("9 lines",)),
    "mixed line ends": Refused("id,x\r1,1.5\r2,2.5\n3,4.0\n", says=("line ends",)),
    "very long field in the header": Refused(
        "a" * 200_000 + ",x\n1,2\n", says=("first rows", "field limit")
    ),
} | NO_NUMBERS

READ = {
    "good": Read(GOOD),
    "byte order mark": Read("\ufeff" + GOOD),
    "byte order mark before the column": Read("\ufeffx,id\n1.5,1\n2.5,2\n4.0,3\n"),
    "CRLF": Read(GOOD.replace("\n", "\r\n")),
    "CRLF after the column": Read("id,x\r\n1,1.5\r\n2,2.5\r\n3,4.0\r\n"),
    "CRLF after the quoted column": Read('"id","x"\r\n"1","1.5"\r\n"2","2.5"\r\n"3","4.0"\r\n'),
    "CR alone": Read(GOOD.replace("\n", "\r")),
    "no final line end": Read(GOOD.rstrip("\n")),
    "no final line end after the column": Read("id,x\n1,1.5\n2,2.5\n3,4.0"),
    "blank lines between": Read(GOOD.replace("\n", "\n\n")),
    "blank lines before and after": Read("\n\n" + GOOD + "\n\n\n"),
    "blank lines in a file of one column": Read("x\n1.5\n\n2.5\n4.0\n\n", missing=2),
    "CRLF blank lines": Read(GOOD.replace("\n", "\r\n\r\n")),
    "name in other case": Read(GOOD, {"column": "X"}),
    "semicolons": Read(GOOD.replace(",", ";")),
    "tabs": Read(GOOD.replace(",", "\t")),
    "bars": Read(GOOD.replace(",", "|")),
    "decimal comma": Read(GOOD.replace(",", ";").replace(".", ","), {"decimal": ","}),
    "comma and blank": Read(GOOD.replace(",", ", ")),
    "blanks around numbers": Read("x,id\n 1.5,1\n2.5  ,2\n\t4.0 ,3\n"),
    "no header": Read(GOOD.split("\n", 1)[1], {"header": False, "column": "2"}),
    "preamble skipped": Read("Report\n\nmade 2020\n" + GOOD, {"skip_lines": 3}),
    "preamble with commas skipped": Read("a,b,c,d\n" + GOOD, {"skip_lines": 1}),
    "another quote": Read("id,x,note\n1,1.5,'a,b'\n2,'2.5',b\n3,4.0,c\n", {"quote": "'"}),
    "no quotes": Read('id,x,note\n1,1.5,a"\n2,2.5,"b\n3,4.0,c\n', {"quote": "none"}),
    "latin-1": Read(GOOD.replace("a\n", "Bogotá\n").encode("latin-1"), {"encoding": "latin-1"}),
    "bytes that are no UTF-8 elsewhere": Read(GOOD.encode().replace(b"a\n", b"Bogot\xe1\n")),
    "NUL bytes elsewhere": Read(GOOD.replace("a\n", "a\0b\n")),
    "cut off after the value": Read("id,x,y,note\n1,1.5,0,a\n2,2.5,0,b\n3,4.0,0,long n"),
    "newlines in quotes": Read('id,x,note\n1,1.5,"a\n9,9.9,z\n"\n2,2.5,b\n3,4.0,"c\n\n"\n'),
    "quotes inside an unquoted field": Read('id,x,note\n1,1.5,5" pipe\n2,2.5,6" pipe\n3,4.0,c\n'),
    "everything quoted": Read('"id","x"\n"1","1.5"\n"2","2.5"\n"3","4.0"\n'),
    "quoted blanks around numbers": Read('x,id\n" 1.5",1\n"2.5 ",2\n" 4 ",3\n'),
    "missing": Read(GOOD + '4,,d\n5,NA,e\n6,<nil>,f\n7,NaN,g\n8,  ,h\n9,"",i\n', missing=6),
    "missing by name": Read(GOOD + "4,s/d,d\n", {"missing": ["s/d"]}, missing=1),
    "missing by number": Read(GOOD + "4,-999,d\n5,-999.0,e\n", {"missing": ["-999"]}, missing=2),
    "invalid skipped": Read(
        GOOD + "4,s/d,d\nid,x,note\n5,1\n6,1,2,3\n7,inf,e\n", {"on_invalid": "skip"}, invalid=5
    ),
    "header only": Read("id,x,note\n", values=()),
    "header without a line end": Read("id,x,note", values=()),
    "all missing": Read("id,x\n1,\n2,NA\n", values=(), missing=2),
    "all invalid, skipped": Read("id,x\n1,a\n2,b\n", {"on_invalid": "skip"}, values=(), invalid=2),
}  # fmt: skip


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with local(1, threads=2) as client:
        yield client


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data.csv"


def describe(case: Case, path: Path, client: Client, **options: Any) -> pipeline.Result:
    path.write_bytes(case.data)
    chosen = {"column": "x"} | case.options | options
    if chosen.get("quote") == "none":
        chosen["quote"] = None
    return pipeline.describe(path, client=client, **chosen)


def command(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command in *folder*, the root of this project on its path, without any scheduler."""
    root = Path(__file__).parents[1]
    environment = os.environ | {"PYTHONPATH": str(root), "COLUMNS": "200"}
    line = [sys.executable, "-m", "pipeline.run", *map(str, arguments), "--workers", "1"]
    return subprocess.run(
        line, capture_output=True, text=True, cwd=folder, env=environment, timeout=120, check=False
    )


def refusal(run: subprocess.CompletedProcess[str]) -> str:
    """Return the one line that says why the command failed, and check that it is the only one."""
    assert run.returncode == 1, run
    assert run.stdout == ""
    lines = [
        line for line in run.stderr.splitlines() if not line.startswith(("note:", "dashboard:"))
    ]
    assert len(lines) == 1, run.stderr
    assert lines[0].startswith("error: ")
    return lines[0].removeprefix("error: ")


def describe_refusal(case: Case, path: Path, client: Client, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        describe(case, path, client, **options)
    return str(caught.value)


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
    "empty file", "unknown column", "column twice", "words", "too few fields", "gzip",
    "quote never closed in the middle", "cut off inside the value", "UTF-16 with a mark",
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


def test_a_number_beyond_float64_is_called_that(data, client):
    """The hint is about its size, not about decimal marks or missing values."""
    sentence = describe_refusal(NO_NUMBERS["a number beyond float64"], data, client)
    assert "too large" in sentence


@pytest.mark.parametrize(
    "arguments",
    [
        ["--partitions", "0"],
        ["--window", "x"],
        ["--percentiles", "10,200"],
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
