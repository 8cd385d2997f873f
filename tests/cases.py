"""Small files, each with the options it is read with, and what must follow."""

from __future__ import annotations

import gzip
import zipfile
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

import pipeline

if TYPE_CHECKING:
    from pathlib import Path

    from distributed import Client

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
    "gzip that is cut off": Refused(
        gzip.compress(GOOD.encode(), mtime=0)[:-9], says=("cut off", "gzip -t")
    ),
    "zip that is cut off": Refused(zipped(GOOD)[:-30], says=("cut off", "unzip -t")),
    "gzip in gzip": Refused(gzip.compress(gzip.compress(GOOD.encode())), says=("gunzip",)),
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
    "encoding that is there to fail": Refused(
        GOOD, {"encoding": "undefined"}, says=("'undefined'",)
    ),
    "encoding of names of hosts": Refused(GOOD, {"encoding": "idna"}, says=("'idna'",)),
    "missing token that the encoding has not": Refused(
        GOOD, {"encoding": "latin-1", "missing": ("\u03a9",)}, says=("--missing", "latin-1")
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
    "a blank line in the column's name": Read(
        GOOD.replace("x", '"x\n\ny"'), {"column": "x\n\ny"}
    ),
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


def describe(case: Case, path: Path, client: Client, **options: Any) -> pipeline.Result:
    path.write_bytes(case.data)
    chosen = {"column": "x"} | case.options | options
    if chosen.get("quote") == "none":
        chosen["quote"] = None
    return pipeline.describe(path, client=client, **chosen)


def describe_refusal(case: Case, path: Path, client: Client, **options: Any) -> str:
    with pytest.raises(pipeline.InputError) as caught:
        describe(case, path, client, **options)
    return str(caught.value)
