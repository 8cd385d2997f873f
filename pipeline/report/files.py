"""The files of a run: complete under their names, all of them new or all of them old."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, cast

from pipeline.atomic import DISK, Content, Disk, MixedError, refuse_no_file, repair, replace_all
from pipeline.errors import InputError
from pipeline.report.texts import combined_csv, partials_csv, rejects_csv
from pipeline.statistics.result import to_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from pipeline.request import Outcome


def check(folder: Path, wanted: Sequence[str]) -> None:
    """See whether results can be written, before hours are spent on them.

    What a run that was killed left in the folder is put back or removed. Nothing new is left there.

    Args:
        folder: Where the files will go.
        wanted: Their `names`.

    Raises:
        InputError: The folder cannot be made or written to, or one of the files not replaced.

    """
    with _sentence(folder, ""), ExitStack() as made:
        for path in reversed([folder, *folder.parents]):
            if not path.exists():
                path.mkdir()
                made.callback(path.rmdir)
        repair(folder)
        for name in wanted:
            refuse_no_file(folder / name)
            if (folder / name).exists() and not os.access(folder / name, os.W_OK):
                raise OSError(f"{name} is write-protected")
        TemporaryFile(dir=folder).close()


def names(
    *,
    partials: bool = False,
    groups: str | None = None,
    rejects: str | None = None,
    distribution: str | None = None,
    page: str | None = None,
) -> tuple[str, ...]:
    """Return the names of the files.

    `partitions.csv` is among them with `partials`, that of groups if `groups` is its format, and
    `rejects`, `distribution` and `page` by names of their own. Raises InputError for two of one
    name.
    """
    more = ["partitions.csv"] if partials else []
    more += [f"groups.{groups}"] if groups else []
    fixed = ["combined_results.csv", "results.json", *more]
    for name in filter(None, (rejects, distribution, page)):
        if name in fixed:
            raise InputError(f"{name} is the name of another result; choose another")
        fixed.append(name)
    return tuple(fixed)


def contents(
    outcome: Outcome, groups: str = "csv", rejects: str | None = None
) -> dict[str, Content]:
    """Return what is written, by the files' names.

    Those are `combined_results.csv`, `results.json` and, where there are any, partials, groups and
    rejects.

    Args:
        outcome: The result, and those of the partitions where they were asked for.
        groups: The format of groups, "csv" or "parquet".
        rejects: The name of the file of rejects; None where they were not asked for.

    """
    texts = [combined_csv(outcome.results), to_json(outcome.results, outcome.left_out)]
    if outcome.partials:
        texts.append(partials_csv(outcome.partials))
    data: list[Content] = [text.encode() for text in texts]
    if outcome.groups is not None:
        from pipeline.report.group_files import group_file

        data.append(group_file(outcome, outcome.groups, groups))
    if outcome.rejects is not None:
        data.append(rejects_csv(outcome.rejects).encode())
    wanted = names(
        partials=bool(outcome.partials),
        groups=None if outcome.groups is None else groups,
        rejects=rejects,
    )
    return dict(zip(wanted, data, strict=True))


def whole(files: dict[str, Content]) -> dict[str, bytes]:
    """Put what is in `files` together where it comes piece by piece, and return it."""
    for name, data in files.items():
        files[name] = data if isinstance(data, bytes) else b"".join(data)
    return cast("dict[str, bytes]", files)


def write(files: Mapping[str, Content], folder: Path, disk: Disk = DISK) -> list[Path]:
    """Write the files of a run.

    All of them are new afterwards or, after an error or an interrupt, all as they were before.
    A power cut between two renames can leave new ones beside old ones; the next run with this
    folder puts the old ones back before it reads its file.

    Args:
        files: What is written, by the files' names: the `contents`, and a page if there is one.
        folder: Where the files go. It is made if it is not there.
        disk: The calls that may fail.

    Returns:
        The paths of the files.

    Raises:
        InputError: The files could not be written.

    """
    with _sentence(folder, "; no file in it was changed"):
        folder.mkdir(parents=True, exist_ok=True)
        replace_all(folder, files, disk)
    return [folder / name for name in files]


@contextmanager
def _sentence(folder: Path, unchanged: str) -> Iterator[None]:
    try:
        yield
    except MixedError as error:
        raise InputError(
            f"writing to {folder} failed half-way, and the old files could not be put back "
            f"({error.strerror}); run again with the same --output, which puts them back first"
        ) from error
    except OSError as error:
        raise InputError(
            f"{folder} cannot be written to ({error.strerror or error}){unchanged}; "
            "choose another folder with --output"
        ) from error
