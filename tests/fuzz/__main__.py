"""The fuzzer: python -m tests.fuzz."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from tests.fuzz.case import Case
from tests.fuzz.check import check
from tests.fuzz.watch import Tally, watch

EVERY = 1000


@click.command()
@click.option("--seed", default=1, help="Other cases for another seed.")
@click.option("--count", default=0, help="How many cases; 0 for no limit.")
@click.option("--first", default=0, help="The number of the first case.")
@click.option("--out", default=Path("out/fuzz"), type=Path, help="Where failing cases are kept.")
@click.option("--repeat", type=Path, metavar="FOLDER", help="Try a case that was kept.")
def main(seed: int, count: int, first: int, out: Path, repeat: Path | None) -> None:
    """Try cases that are made by chance. The exit code is 1 if one failed.

    One that fails is made smaller and kept, with the command that tries it again.
    """
    if repeat:
        sys.exit(_repeat(repeat))
    tally = Tally()

    def tell(now: Tally, name: str) -> None:
        nonlocal tally
        tally = now
        if name in now.wrong:
            again = f"python -m tests.fuzz --repeat {out / name}"
            click.echo(f"{name}: {now.wrong[name]}\n{again}\n")
        elif now.cases % EVERY == 0:
            click.echo(str(now), err=True)

    with contextlib.suppress(KeyboardInterrupt):
        tally = watch(seed, first, count, out, tell)
    click.echo(f"seed {seed}: {tally}")
    sys.exit(bool(tally.wrong))


def _repeat(folder: Path) -> int:
    with TemporaryDirectory(prefix="fuzz-") as scratch:
        wrong = check(Case.load(folder), Path(scratch)).wrong
    click.echo(wrong or "all is well")
    return bool(wrong)


if __name__ == "__main__":
    main()
