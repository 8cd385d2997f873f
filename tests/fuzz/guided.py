"""A fuzzer that is led by coverage: python -m tests.fuzz.guided [FOLDER] [libFuzzer's options].

Atheris sees which branches of the pipeline a file takes, keeps each file that takes a new one, and
changes those further. FOLDER is where it keeps them, and finds them the next time. The law is that
of `check`; of a Parquet file, only that it is read or refused. What breaks it is kept in out/fuzz.
"""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import atheris

ROOT = Path(__file__).parents[2]
COMPILED = re.compile(r"^@(kernel|inlined|intrinsic|overload)", re.MULTILINE)


def compiled() -> list[str]:
    """Return the modules that numba compiles, which must stay as they are."""
    files = (ROOT / "pipeline").rglob("*.py")
    found = [file.relative_to(ROOT).with_suffix("") for file in files if _has_kernels(file)]
    return [".".join(path.parts) for path in found]


def _has_kernels(file: Path) -> bool:
    return bool(COMPILED.search(file.read_text("utf-8")))


with atheris.instrument_imports(include=["pipeline"], exclude=compiled()):
    from pipeline.errors import InputError
    from tests.fuzz import observe
    from tests.fuzz.answers import Refusal
    from tests.fuzz.case import Case
    from tests.fuzz.check import check
    from tests.fuzz.make import around
    from tests.fuzz.seeds import SEEDS

KEPT = Path("out/fuzz")
PARQUET = b"PAR1"
HEAD = 2
"""Bytes in front of the file's: they stand for options, query and cuts."""


class BrokenError(Exception):
    """The law was broken, as the text says."""


def attempt(data: bytes, folder: Path) -> None:
    """Try one file; raise what breaks the law."""
    chance, file = Random(data[:HEAD]), data[HEAD:]
    if file.startswith(PARQUET):
        _open_and_read(Case("parquet", file, ".parquet"), folder)
        return
    options = chance.choice(SEEDS)[1]
    case = around("guided", file, options, chance)
    if wrong := check(case, folder).wrong:
        name = f"guided-{sha256(data).hexdigest()[:12]}"
        replace(case, name=name).save(KEPT / name)
        raise BrokenError(f"{wrong}\npython -m tests.fuzz --repeat {KEPT / name}")


def _open_and_read(case: Case, folder: Path) -> None:
    path = folder / f"data{case.suffix}"
    path.write_bytes(case.data)
    table = observe.open_case(case, path)
    if not isinstance(table, Refusal):
        with suppress(InputError):
            observe.read(case, table, observe.places(table, ()))


def main() -> None:
    """Fuzz until something breaks the law, or as libFuzzer's options say."""
    folder, *options = sys.argv[1:] or ["out/guided"]
    corpus = Path(folder)
    corpus.mkdir(parents=True, exist_ok=True)
    for number, (data, _) in enumerate(SEEDS):
        (corpus / f"seed-{number}").write_bytes(number.to_bytes(HEAD) + data)
    with TemporaryDirectory(prefix="fuzz-") as scratch:
        atheris.Setup(
            [sys.argv[0], str(corpus), *options], lambda data: attempt(data, Path(scratch))
        )
        atheris.Fuzz()


if __name__ == "__main__":
    main()
