"""`up` is interrupted at each kind of step in turn, on a real swarm, and goes on the next time."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from cluster.local.lock import only_one
from tests.pace import limit
from tests.swarm.lab import Lab
from tests.swarm.manager import Manager

ROOT = Path(__file__).resolve().parents[2]
WORDS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}
MARK = "UP_OF_THIS_TEST"
MOST_KINDS = 20


def test_up_is_interrupted_at_each_kind_of_step_and_goes_on(
    lab: Lab, image: str, tmp_path: Path
) -> None:
    manager = Manager(lab, tmp_path, Path(sys.executable).parent)
    manager.describe(f'reference = "{image}"')
    lab.nodes[2].docker("image", "rm", "--force", image)
    seen: set[str] = set()
    try:
        for turn in range(MOST_KINDS):
            number = list(WORDS)[turn % 2]
            code, last = up(manager, seen, number)
            assert not left(manager)
            if code == 0:
                break
            assert code == 128 + number, last
            assert last == f"{WORDS[number]}: run the same command again to go on\n"
        assert code == 0
        assert {"receive the", "deploy the"} <= seen, seen
        assert manager.cluster("plan").stdout == "nothing to do\n"
    finally:
        manager.cluster("down --yes")
        lab.reset()


def up(manager: Manager, seen: set[str], number: int) -> tuple[int, str]:
    """Run `up` until it tells of a kind of step that was not `seen`; return its code, last line."""
    places = {"DASK_CONFIG": str(manager.folder / "dask"), "PYTHONPATH": str(ROOT), MARK: "1"}
    last, sent = "", False
    with subprocess.Popen(
        [manager.programs / "python", "-m", "cluster", "up"],
        cwd=manager.folder,
        env=os.environ | places,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed,  # noqa: PLW1509
    ) as process:
        for last in process.stderr:
            kind = " ".join(last.partition(": ")[2].split()[:2])
            if kind not in seen and not sent:
                process.send_signal(number)
                sent = True
            seen.add(kind)
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
