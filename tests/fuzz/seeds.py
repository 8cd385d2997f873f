"""The files that mutation begins with: what is found on disks and in mails, beside good files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.cases import READ, REFUSED
from tests.files import FILES
from tests.fuzz.case import Options

if TYPE_CHECKING:
    from collections.abc import Iterator

HTML = """<!DOCTYPE html>
<html lang="es"><head><title>502 Bad Gateway</title></head>
<body><h1>502 Bad Gateway</h1><p>The server, which is busy; said "no".</p>
<table><tr><td>x,1</td><td>2</td></tr></table></body></html>
"""
JSON_ERROR = '{"error": true, "message": "Query limit, x: 1000 rows", "code": "x"}\n'
LOGIN = "<script>var x = 1, y = 2;\nwindow.location = '/login?x=1,2';\n</script>\n"

TIMES = """id,t,x,note
1,2019-03-07 14:00:00,1.5,a
2,07/03/2019 02:00:00 PM,2.5,b
3,2019-03-07T14:00:00.000,4.0,c
4,"Mar 7, 2019",0.25,d
5,43531.58,7,e
6,,-0.0,f
7,14:00,1e2,g
"""
IDEAM = """CodigoEstacion,CodigoSensor,FechaObservacion,ValorObservado,NombreEstacion,Departamento
0021205012,0068,01/01/2019 12:00:00 AM,13.8,UNIVERSIDAD NACIONAL - AUT,BOGOTÁ
0021205012,0068,01/01/2019 01:00:00 AM,12.9,"GUAYMARAL, AUTO",CUNDINAMARCA
0021206920,0240,01/01/2019 12:00:00 AM,,VILLA TERESA,BOGOTÁ
0021206920,0240,01/01/2019 12:10:00 AM,<nil>,"PEÑÓN ""EL ALTO"" ","NARIÑO"
0052035040,0068,01/01/2019 12:00:00 AM,-0.4,"BOTANA
AUT",NARIÑO
"""
SPREADSHEET = 'sep=;\r\nid;x;note\r\n1;"1.234,5";a\r\n2;1,5;b\r\n3;;"c;d"\r\n'
TOTALS = "Report of stations\n\nid,x,note\n1,1.5,a\n2,2.5,b\n\nTotal,4.0,\n"


def _numbered(rows: int) -> str:
    lines = [f'{i},{(i * i) % 97 / 8},"n{i % 5}"\n' for i in range(rows)]
    return "id,x,note\n" + "".join(lines)


RICH = 4
"""How often a file of our own comes for each of the tests' cases."""

TEXTS = {
    "an error page": HTML,
    "an error page after a header": "id,x,note\n1,1.5,a\n" + HTML,
    "an error in JSON": JSON_ERROR,
    "a login page": LOGIN,
    "times of several kinds": TIMES,
    "a bulk export": IDEAM,
    "a spreadsheet": SPREADSHEET,
    "a report": TOTALS,
    "many rows": _numbered(300),
    "one column": "x\n1\n\n2.5\nNA\n-3\n",
    "empty quotes": 'id,x,note\n1,"",""\n2," 1.5 ","a ""b"" c"\n3,"1.5" ,d\n4, "2.5",e\n',
    "deceiving quotes": 'id,x,note\n1,1,"\n2,9,z\n3,9,z\n4,9,z\n"\n5,2,b\n',
}


def _twice(text: str) -> bytes:
    """Text that was decoded wrongly and encoded again."""
    return text.encode().decode("cp1252", "replace").encode()


def _options(given: dict[str, Any]) -> Options:
    quote = given.get("quote", '"')
    column = given.get("column", "x")
    marks = {
        "quote": None if quote == "none" else quote,
        "missing": tuple(given.get("missing", ())),
    }
    return replace(Options(column), **given | marks)


def seeds() -> Iterator[tuple[bytes, Options]]:
    """Yield the bytes of each seed, with the options it is meant to be read with."""
    for text in RICH * tuple(TEXTS.values()):
        plain = Options("ValorObservado" if "Valor" in text else "x")
        yield text.encode(), plain
        yield b"\xef\xbb\xbf" + text.encode(), plain
        yield text.replace("\r\n", "\n").replace("\n", "\r\n").encode(), plain
        yield text.replace("\r\n", "\n").replace("\n", "\r").encode(), plain
        yield _twice(text), plain
        yield text.encode("latin-1", "replace"), replace(plain, encoding="latin-1")
        yield text.encode()[: len(text) * 2 // 3], plain
    for case in [*READ.values(), *REFUSED.values()]:
        if len(case.data) < LONGEST:
            yield case.data, _options(case.options)
    for file in FILES.values():
        if len(file.data) < LONGEST:
            yield file.data, _options(file.options)


LONGEST = 1 << 14
SEEDS = list(seeds())
