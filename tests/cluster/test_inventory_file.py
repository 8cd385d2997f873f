"""Workers are added to and removed from the file; the rest of it stays as the user wrote it."""

from pathlib import Path

import pytest

from cluster.errors import ClusterError
from cluster.inventory import parse
from cluster.inventory_file import add_worker, remove_worker

MANAGER, WORKER = "10.0.0.10", "10.0.0.11"
TEXT = f"""\
# my cluster
[manager]
address = "{MANAGER}"  # the big one

[[workers]]
address = "{WORKER}"
"""


def test_adding_a_worker_and_removing_it_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    """Comments included; a mistake changes nothing."""
    path = tmp_path / "cluster.toml"
    path.write_text(TEXT)
    added = add_worker(path, "10.0.0.12", "ubuntu")
    assert [worker.address for worker in added.workers] == [WORKER, "10.0.0.12"]
    assert "# the big one" in path.read_text()
    with pytest.raises(ClusterError, match="is workers"):
        add_worker(path, "10.0.0.12", None)
    before = {"manager": {"address": MANAGER}, "workers": [{"address": WORKER}]}
    assert remove_worker(path, "10.0.0.12") == parse(before, str(path))
    with pytest.raises(ClusterError, match="no worker has the address"):
        remove_worker(path, "10.0.0.12")


def test_the_file_keeps_its_permissions(tmp_path: Path) -> None:
    """A file that only its owner could read stays so."""
    path = tmp_path / "cluster.toml"
    path.write_text(TEXT)
    for mode in (0o600, 0o644):
        path.chmod(mode)
        add_worker(path, f"10.0.1.{mode}", None)
        assert path.stat().st_mode & 0o777 == mode
    assert [found.name for found in tmp_path.iterdir()] == ["cluster.toml"]
