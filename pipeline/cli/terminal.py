"""What a person sees: the result of a run as a table, one line where it fails."""

from __future__ import annotations

import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from pipeline.errors import ClusterError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pipeline.request import Outcome
    from pipeline.statistics.result import Result


@contextmanager
def exits(*, verbose: bool) -> Iterator[None]:
    """End the program with one line on stderr and exit code 1 when the block fails.

    That is: after an InputError, a ClusterError or an OSError. If `verbose`, such an error is
    raised as it is, and so ends with a traceback. Signals are the matter of `cli.interrupts`.
    """
    try:
        yield
    except (InputError, ClusterError, OSError) as error:
        if verbose:
            raise
        tell(f"error: {_system(error) if isinstance(error, OSError) else error}")
        sys.exit(1)


def _system(error: OSError) -> str:
    """Return what the system refused, as a sentence."""
    if isinstance(error, FileNotFoundError) and error.filename:
        return f"{error.filename} is not there any more; was it moved or deleted meanwhile?"
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}; run again with --verbose to see where this happened"


def tell(text: str) -> None:
    """Print `text` as a line on stderr, if there is one: nobody's results depend on it."""
    if sys.stderr is not None:  # print would take stdout
        with suppress(OSError, ValueError):
            print(text, file=sys.stderr, flush=True)  # noqa: T201


@contextmanager
def printing(written: list[Path]) -> Iterator[None]:
    """Let the block print to stdout.

    Raises InputError, which names the files `written`, when stdout is full or closed.
    """
    try:
        if sys.stdout is None:
            raise OSError("it is closed")  # noqa: TRY301
        yield
        sys.stdout.flush()
    except OSError as error:
        raise InputError(
            f"nothing can be printed to stdout ({error.strerror or error}); "
            f"written nevertheless: {', '.join(map(str, written))}"
        ) from error


def show(
    outcome: Outcome, written: list[Path], sayings: Sequence[str] = (), *, as_json: bool
) -> None:
    """Print the results of a run to stdout.

    Args:
        outcome: The statistics of each column.
        written: The files that hold them, printed below the table.
        sayings: What stands out, in sentences, printed between them.
        as_json: Print the text of `results.json` and nothing else.

    Raises:
        InputError: Stdout is full or closed.

    """
    with printing(written):
        if as_json:
            from pipeline.statistics.result import to_json

            sys.stdout.write(to_json(outcome.results, outcome.left_out))
        else:
            _print_table(outcome.results, written, sayings)


def _print_table(results: Sequence[Result], written: list[Path], sayings: Sequence[str]) -> None:
    """Print a table with a column for each result, what stands out, and the files `written`."""
    from rich.console import Console
    from rich.table import Table

    from pipeline.statistics.result import STATISTICS
    from pipeline.statistics.statistic import readable

    source = results[0].source
    one = len(results) == 1
    table = Table("statistic", title=f"{source.file}: {source.column}" if one else source.file)
    for result in results:
        table.add_column("value" if one else result.source.column, justify="right")
    shown = [readable(one.statistics(), STATISTICS, one.source.window) for one in results]
    for lines in zip(*shown, strict=True):
        table.add_row(lines[0][0], *(value for _, value, _ in lines))
    console = Console()
    console.print(table)
    for saying in sayings:
        console.print(f"- {saying}", highlight=False, markup=False)
    for path in written:
        console.print(f"written: {path}", highlight=False, soft_wrap=True)
