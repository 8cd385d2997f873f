"""The files of a run: each complete under its name, or absent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.atomic import atomic
from pipeline.errors import InputError
from pipeline.statistics.result import to_csv

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.partitions.segment import PartitionResult
    from pipeline.request import Outcome
    from pipeline.statistics.statistic import Value


def write(outcome: Outcome, folder: Path) -> list[Path]:
    """Write `combined_results.csv`, `results.json` and, with partials, `partitions.csv`.

    Args:
        outcome: The result, and those of the partitions where they were asked for.
        folder: Where the files go. It is made if it is not there.

    Returns:
        The paths of the files.

    Raises:
        InputError: The folder cannot be made or written to.

    """
    texts = {
        "combined_results.csv": outcome.result.to_csv(),
        "results.json": outcome.result.to_json(),
    }
    if outcome.partials:
        texts["partitions.csv"] = to_csv([_row(partial) for partial in outcome.partials])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            with atomic(folder / name) as stream:
                stream.write(text)
    except OSError as error:
        raise InputError(
            f"{folder} cannot be written to ({error.strerror or error}); "
            "choose another folder with --output"
        ) from error
    return [folder / name for name in texts]


def _row(partial: PartitionResult) -> dict[str, Value]:
    bounds = {"start": partial.partition.start, "stop": partial.partition.stop}
    return bounds | partial.result.statistics()
