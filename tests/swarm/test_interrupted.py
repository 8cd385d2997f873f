"""`up` is interrupted in one step after the other, on a real swarm, and goes on the next time."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from cluster.local.lock import only_one
from tests.pace import limit
from tests.swarm.lab import Lab
from tests.swarm.manager import Manager

ROOT = Path(__file__).resolve().parents[2]
WORDS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}
MARK = "UP_OF_THIS_TEST"
STEPS = ("create", "receive", "deploy", "wait")
"""How the steps begin at which `up` is interrupted, in the order in which it does them."""


def test_up_is_interrupted_in_its_steps_and_goes_on(
    lab: Lab, image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    manager = Manager(lab, tmp_path, Path(sys.executable).parent)
    manager.describe(f'reference = "{image}"')
    lab.nodes[2].docker("image", "rm", "--force", image)
    try:
        for turn, step in enumerate(STEPS):
            number = list(WORDS)[turn % 2]
            code, last = up(manager, step, number)
            assert not left(manager)
            if code == 0 and step == STEPS[-1]:  # the workers may have come without it
                break
            assert code == 128 + number, last
            assert last == f"{WORDS[number]}: run the same command again to go on\n"
        done = manager.cluster("up")
        assert done.returncode == 0, done.stderr
        assert manager.cluster("plan").stdout == "nothing to do\n"
    finally:
        manager.cluster("down --yes")
        lab.reset()


def up(manager: Manager, step: str, number: int) -> tuple[int, str]:
    """Run `up`, and send a signal when a step begins; return the exit code and the last line."""
    last, sent = "", False
    with subprocess.Popen(
        [manager.programs / "python", "-m", "cluster", "up"],
        cwd=manager.folder,
        env=os.environ | {"DASK_CONFIG": str(manager.folder / "dask"), MARK: "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed,  # noqa: PLW1509
    ) as process:
        for last in process.stderr:
            if not sent and last.partition(": ")[2].startswith(step):
                process.send_signal(number)
                sent = True
        process.wait(timeout=limit())
    return process.returncode, last


def heed() -> None:
    """Be as a command that is started from a terminal."""
    for number in WORDS:
        signal.signal(number, signal.SIG_DFL)


def left(manager: Manager) -> list[str]:
    """What is left of a command: its programs, its claim; ClusterError if it is the lock."""
    with only_one(manager.folder / "state"):
        configs = manager.lab.manager.docker("config", "ls", "--format", "{{.Name}}").split()
    return [name for name in configs if name.endswith("-change")] + [
        str(process.info["cmdline"])
        for process in psutil.process_iter(["environ", "cmdline"])
        if MARK in (process.info["environ"] or {})
    ]
