"""Where compiled kernels are kept: ours in a folder of their own, others' where they always are."""

import os
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread, current_thread, main_thread

import pytest
from numba import config

import pipeline
from pipeline.fingerprint import fingerprint
from pipeline.numeric import jit

ROOT = Path(pipeline.__file__).parents[1]
OURS = ROOT / "pipeline" / "__pycache__" / fingerprint("pipeline.numeric.jit")

MODULE = """
import numba

@numba.njit(cache=True)
def one():
    return 1
"""
PROGRAM = """
{first}
{second}
import users
from pipeline.formats.csv.grammar import row_at
users.one()
print(users.one.stats.cache_path)
print(row_at.stats.cache_path)
"""
IMPORTS = ["import pipeline.api, pipeline.engine.reduce", "import users"]


def cache_folders(folder: Path, imports: list[str], **environment: str) -> list[Path]:
    """Return where a user's function and one of our kernels are kept in a process of their own."""
    (folder / "users.py").write_text(MODULE)
    program = PROGRAM.format(first=imports[0], second=imports[1])
    paths = {"PYTHONPATH": f"{ROOT}{os.pathsep}{folder}"}
    unset = {name: text for name, text in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=unset | paths | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return [Path(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("imports", [IMPORTS, IMPORTS[::-1]])
def test_a_users_function_is_kept_beside_its_file(imports, tmp_path):
    """Whether it is imported before this package or after; our kernels lie in their own folder."""
    users, ours = cache_folders(tmp_path, imports)
    assert users == tmp_path / "__pycache__"
    assert list(users.glob("users.one-*.nbi"))
    assert ours.parent == OURS


def test_a_folder_that_the_user_names_holds_everything(tmp_path):
    """NUMBA_CACHE_DIR, which the image sets, is obeyed."""
    kept = cache_folders(tmp_path, IMPORTS, NUMBA_CACHE_DIR=str(tmp_path / "kept"))
    assert {path.parent for path in kept} == {tmp_path / "kept"}


def test_kernels_that_are_made_at_the_same_time_are_kept_in_the_same_folder(monkeypatch):
    """A thread sets the folder for all: it must not take it away while another one looks it up."""
    monkeypatch.setattr(config, "CACHE_DIR", "")
    second_is_there, first_is_done = Event(), Event()
    found = []

    def compiled(**_):
        if current_thread() is main_thread():
            other.start()
            second_is_there.wait(0.5)  # it comes only if nobody keeps it out
        else:
            second_is_there.set()
            first_is_done.wait(10)
        found.append(config.CACHE_DIR)
        return lambda function: function

    monkeypatch.setattr(jit, "njit", compiled)
    other = Thread(target=jit.kernel, args=(len,))
    jit.kernel(len)
    first_is_done.set()
    other.join(10)
    assert [Path(folder) for folder in found] == [OURS, OURS]
    assert not config.CACHE_DIR
