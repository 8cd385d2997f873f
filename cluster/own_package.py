"""The project as an installer finds it: the checkout, or a wheel of what is installed."""

import zipfile
from importlib.metadata import PackagePath, distribution
from pathlib import Path

from cluster.stack.recipe import BESIDE

NAME = "dask-swarm"
LEFT_OUT = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"}
"""What an installer writes itself."""

FIRST_TIME = (1980, 1, 1, 0, 0, 0)  # the same files are the same wheel, byte by byte


def requirement(folder: Path) -> str:
    """Return the line of a requirements file that installs this project.

    A checkout stays where it is, so that what is changed in it counts. Of an installed package a
    wheel is written into `folder`.
    """
    if (BESIDE / "pyproject.toml").is_file():
        return f"-e {BESIDE}"
    return str(_wheel(folder).resolve())


def _wheel(folder: Path) -> Path:
    """Write the wheel that this package was installed from, but for what was installed with it."""
    own = distribution(NAME)
    path = folder / f"{NAME.replace('-', '_')}-{own.version}-py3-none-any.whl"
    files = sorted(file for file in own.files or () if _is_of_the_wheel(file))
    record = next(file.parent for file in files if file.name == "WHEEL") / "RECORD"
    lines = [
        f"{file},{file.hash.mode}={file.hash.value},{file.size}" for file in files if file.hash
    ]
    draft = path.with_suffix(".unfinished")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as wheel:
        for file in files:
            entry = zipfile.ZipInfo(str(file), FIRST_TIME)
            entry.external_attr = Path(file.locate()).stat().st_mode << 16  # a script stays one
            wheel.writestr(entry, file.read_binary())
        text = "\n".join([*lines, f"{record},,", ""])
        wheel.writestr(zipfile.ZipInfo(str(record), FIRST_TIME), text)
    if path.exists() and path.read_bytes() == draft.read_bytes():
        draft.unlink()  # a newer file would be installed again
    else:
        draft.replace(path)
    return path


def _is_of_the_wheel(file: PackagePath) -> bool:
    return ".." not in file.parts and file.suffix != ".pyc" and file.name not in LEFT_OUT
