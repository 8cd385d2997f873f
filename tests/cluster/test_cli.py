"""The command line: exit codes, streams, and sentences instead of tracebacks."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cluster.local.lock import only_one
from tests.pace import limit

ROOT = Path(__file__).parents[2]
INVENTORY = """
hosts = "ready"
state = "{folder}/state"
manager = {{ address = "10.0.0.10", docker = "unix:///m.sock" }}
workers = [{{ address = "10.0.0.11", docker = "unix:///w.sock" }}]
"""


def cluster(folder: Path, *arguments: str, docker: str | None = None):
    """Run `python -m cluster` in a folder, with a script of one's own for Docker's command."""
    tools = folder / "tools"
    tools.mkdir(exist_ok=True)
    if docker is not None:
        (tools / "docker").write_text(f"#!{sys.executable}\n{docker}")
        (tools / "docker").chmod(stat.S_IRWXU)
    environment = {**os.environ, "PATH": str(tools), "PYTHONPATH": str(ROOT)}
    environment["DASK_CONFIG"] = str(folder / "dask")
    return subprocess.run(
        [sys.executable, "-m", "cluster", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=limit(),
        check=False,
    )


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "cluster.toml").write_text(INVENTORY.format(folder=tmp_path))
    return tmp_path


@pytest.mark.parametrize("command", ["plan", "up", "status", "doctor", "dashboard", "logs", "down"])
def test_without_an_inventory_every_command_says_how_to_make_one(tmp_path, command):
    """One line on standard error, exit code 1, nothing on standard output."""
    done = cluster(tmp_path, command)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "error: cluster.toml does not exist; make one with: python -m cluster init\n"
    )


def test_init_writes_the_inventory_that_explains_each_key(tmp_path):
    """Once: a file that is there stays as it is."""
    done = cluster(tmp_path, "init")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("written: cluster.toml")
    inventory = tmp_path / "cluster.toml"
    assert inventory.read_text() == (ROOT / "cluster.example.toml").read_text()
    inventory.write_text("mine")
    again = cluster(tmp_path, "init")
    assert again.returncode == 1
    assert "cluster.toml is there already" in again.stderr
    assert inventory.read_text() == "mine"


def test_env_leaves_a_folder_that_is_something_else(folder):
    """One sentence, before anything is asked of an index."""
    done = cluster(folder, "env", "tools", docker="")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "error: tools is there and was not made by `cluster env`; remove it or name another\n"
    )


@pytest.mark.parametrize("arguments", [["fly"], ["up", "--fast"], ["logs", "nobody"]])
def test_wrong_usage_is_exit_code_2(folder, arguments):
    """As for any command."""
    assert cluster(folder, *arguments).returncode == 2


def test_every_mistake_of_the_inventory_is_a_line(folder):
    """With its path."""
    (folder / "cluster.toml").write_text("hosts = 1\n[manager]\naddress = 10\n")
    done = cluster(folder, "plan")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "error: cluster.toml: hosts: expected 'bare' or 'ready', got 1",
        "error: cluster.toml: manager.address: expected a string, got 10",
    ]


def test_without_docker_the_remedy_is_to_install_it(folder):
    """Not a traceback."""
    done = cluster(folder, "plan")
    assert done.returncode == 1
    assert "install Docker's command line" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_node_that_does_not_answer_is_named_with_dockers_reason(folder):
    """All of them."""
    refuse = "import sys; sys.exit('Cannot connect to ' + sys.argv[2] + ' SWMTKN-1-secret-token')"
    done = cluster(folder, "plan", docker=refuse)
    assert done.returncode == 1
    for endpoint in ("unix:///m.sock", "unix:///w.sock"):
        assert f"error: {endpoint}: `docker info" in done.stderr
    assert "secret-token" not in done.stdout + done.stderr
    assert "[REDACTED]" in done.stderr


def test_verbose_shows_the_traceback(folder):
    """For those who repair this program."""
    done = cluster(folder, "--verbose", "plan")
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_status_and_doctor_speak_json_even_of_nodes_that_do_not_answer(folder):
    """A node that is gone is a line of the answer, not the end of it."""
    refuse = "import sys; sys.exit('no answer')"
    status = cluster(folder, "status", "--json", docker=refuse)
    assert status.returncode == 0
    assert "no answer" in json.loads(status.stdout)["nodes"][0]["state"]
    doctor = cluster(folder, "doctor", "--json", docker=refuse)
    assert doctor.returncode == 1
    assert {"10.0.0.10", "10.0.0.11"} <= {line["host"] for line in json.loads(doctor.stdout)}


def test_the_dashboards_password_is_shown_only_on_request(folder):
    """The address and the user always."""
    state = folder / "state"
    state.mkdir(mode=0o700)
    (state / "dashboard").write_text("ana:open sesame")
    assert "open sesame" not in cluster(folder, "dashboard").stdout
    shown = cluster(folder, "dashboard", "--password").stdout
    assert "https://10.0.0.10:8787/status" in shown
    assert "ana" in shown
    assert "open sesame" in shown


def test_two_commands_do_not_change_a_cluster_at_the_same_time(folder):
    """The second one is told which folder is locked."""
    with only_one(folder / "state"):
        done = cluster(folder, "down", docker="")
    assert done.returncode == 1
    assert "is changing this cluster" in done.stderr
