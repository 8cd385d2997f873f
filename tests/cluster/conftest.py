"""Docker's command line, played by a script, and an inventory."""

import stat
import sys
from pathlib import Path

import pytest

from cluster.inventory import Inventory, parse
from cluster.local import credentials
from tests.cluster.machines import MANAGER, WORKER


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Let a Python text be the docker command; it may count its calls in the file `calls`."""

    def install(text: str) -> Path:
        calls = tmp_path / "calls"
        calls.write_text("")
        count = f"calls = open({str(calls)!r}, 'a+'); calls.write('x'); calls.seek(0)\n"
        script = tmp_path / "docker"
        script.write_text(f"#!{sys.executable}\nimport sys\n{count}{text}")
        script.chmod(stat.S_IRWXU)
        monkeypatch.setenv("PATH", str(tmp_path))
        return calls

    return install


@pytest.fixture
def inventory() -> Inventory:
    """A manager and a worker, bare, and every default."""
    return parse({"manager": {"address": MANAGER}, "workers": [{"address": WORKER}]})


@pytest.fixture
def cluster(tmp_path: Path) -> Inventory:
    """A cluster of one machine, with an authority in a state folder of its own."""
    found = parse(
        {
            "state": str(tmp_path / "state"),
            "manager": {"address": "10.0.0.10", "labels": {"dask": "worker"}},
        }
    )
    credentials.make_authority(found.state_folder)
    return found
