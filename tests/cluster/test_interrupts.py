"""Ctrl-C and SIGTERM end every command in one line, whatever it is at, and leave nothing behind."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import pytest

from cluster import children
from cluster.children import child, run
from cluster.local.lock import only_one
from cluster.side_by_side import side_by_side
from tests.cluster.test_cli import INVENTORY
from tests.pace import limit, until

ROOT = Path(__file__).parents[2]
SIGNALS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}
# The swarm keeps a claim in a file. What is named in HANG is done, and then nothing more.
DOCKER = """
import json, os, pathlib, signal, sys
folder = pathlib.Path(os.environ["FOLDER"])
words = sys.argv[3:]
verb, claim = " ".join(words[:2]), folder / "claim"
if verb == "config create":
    labels = [word for before, word in zip(words, words[1:]) if before == "--label"]
    claim.write_text(json.dumps({"Name": "dask-change", "Labels": ",".join(labels)}))
if verb == "config rm":
    claim.unlink()
with (folder / "calls").open("a") as calls:
    print(os.getpid(), verb, file=calls)
if any(verb.startswith(word) for word in os.environ["HANG"].split(",") if word):
    with (folder / "hangs").open("a") as hangs:
        print(verb, file=hangs)
    signal.pause()
if verb == "config ls" and claim.exists():
    print(claim.read_text())
if not verb.startswith("config"):
    sys.exit("no such thing here")
"""


@dataclass
class Command:
    """A command that runs, in a folder with the traces of the docker commands that it ran."""

    folder: Path
    process: subprocess.Popen[str]

    def ended(self) -> tuple[int, str]:
        """Wait for its end; return exit code and standard error."""
        _, err = self.process.communicate(timeout=limit())
        return self.process.returncode, err

    def heard(self) -> bool:
        """Whether it has noted a signal: from then on it says nothing."""
        return Path(f"/proc/{self.process.pid}/fd/2").readlink() == Path(os.devnull)

    def catches(self) -> bool:
        """Whether it handles SIGTERM, as Linux knows it."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        caught = status.partition("SigCgt:\t")[2].split()
        return bool(caught) and bool(int(caught[0], 16) >> (signal.SIGTERM - 1) & 1)

    def did(self, verb: str) -> bool:
        """Whether it ran a docker command."""
        return any(line.split(" ", 1)[1].startswith(verb) for line in self._lines("calls"))

    def hangs(self) -> bool:
        """Whether a docker command of it hangs."""
        return bool(self._lines("hangs"))

    def left(self) -> list[str]:
        """What is left of it: docker commands, a claim; and ClusterError if it is the lock."""
        with only_one(self.folder / "state"):
            alive = [str(pid) for pid in self.pids() if Path(f"/proc/{pid}").exists()]
        return alive + [path.name for path in self.folder.glob("claim")]

    def pids(self) -> list[int]:
        """The ids of the docker commands that it ran, in order."""
        return [int(one.split()[0]) for one in self._lines("calls")]

    def _lines(self, name: str) -> list[str]:
        path = self.folder / name
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Command]]:
    """Start `python -m cluster` as a terminal does, with a docker command that hangs at a verb."""
    started: list[Command] = []
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "docker").write_text(f"#!{sys.executable}\n{DOCKER}")
    (tools / "docker").chmod(stat.S_IRWXU)
    (tmp_path / "cluster.toml").write_text(INVENTORY.format(folder=tmp_path))

    def run(*arguments: str, hang: str = "", ignore: int | None = None) -> Command:
        def heed() -> None:
            for number in SIGNALS:
                signal.signal(number, signal.SIG_IGN if number == ignore else signal.SIG_DFL)

        environment = os.environ | {"PATH": str(tools), "PYTHONPATH": str(ROOT), "HANG": hang}
        process = subprocess.Popen(
            [sys.executable, "-m", "cluster", *arguments],
            cwd=tmp_path,
            env=environment | {"FOLDER": str(tmp_path)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=heed,  # noqa: PLW1509
        )
        started.append(Command(tmp_path, process))
        return started[-1]

    yield run
    for command in started:
        command.process.kill()
        command.process.communicate()


def line(number: int) -> str:
    return f"{SIGNALS[signal.Signals(number)]}: run the same command again to go on\n"


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("command", ["plan", "up", "status", "doctor", "down", "logs"])
def test_a_command_that_waits_for_nodes_is_interrupted(start, command, number):
    """One line, the exit code of the signal, no docker command left, neither lock nor claim."""
    running = start(command, hang="service" if command == "logs" else "info")
    until(running.hangs, "a docker command that hangs")
    running.process.send_signal(number)
    assert running.ended() == (128 + number, line(number))
    assert running.left() == []


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("verb", ["config create", "config rm"])
def test_a_signal_waits_until_a_claim_is_made_or_taken_back(start, verb, number):
    """Else it would stay: nobody would know of it."""
    running = start("up", hang=verb)
    until(running.hangs, "a docker command that hangs")
    running.process.send_signal(number)
    until(running.heard, "the signal")
    os.kill(running.pids()[-1], signal.SIGKILL)
    assert running.ended() == (128 + number, line(number))
    assert running.did("config rm")
    assert running.left() == []


def test_a_second_signal_ends_it_at_once(start):
    """Docker's command line, which would take back the claim, is ended with it."""
    running = start("up", hang="info,config rm")
    until(running.hangs, "a docker command that hangs")
    running.process.send_signal(signal.SIGINT)
    until(lambda: running.did("config rm"), "the claim about to be taken back")
    running.process.send_signal(signal.SIGTERM)
    assert running.ended() == (130, line(signal.SIGINT))
    until(lambda: not running.left(), "the end of what was killed")


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_while_modules_are_imported(start, number):
    """From the first of them on."""
    running = start("status", hang="info")
    while not running.catches():
        assert running.process.poll() is None
    running.process.send_signal(number)
    assert running.ended() == (128 + number, line(number))
    assert running.left() == []


def test_what_is_ignored_stays_ignored(start):
    """As for a command that `nohup` or a shell in the background has started."""
    running = start("plan", ignore=signal.SIGINT)
    running.process.send_signal(signal.SIGINT)
    code, err = running.ended()
    assert code == 1
    assert "no such thing here" in err


def test_a_program_that_is_interrupted_may_try_again():
    """In a notebook the process goes on: what was going on has ended, and what comes next runs."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    begun = Event()

    def sleep() -> int:
        with child(["sleep", "1000"]) as process:
            begun.set()
            return process.wait()

    def interrupt() -> None:
        begun.wait(limit())
        os.kill(os.getpid(), signal.SIGINT)

    try:
        with pytest.raises(KeyboardInterrupt):
            side_by_side([sleep, interrupt])
    finally:
        signal.signal(signal.SIGINT, before)
    assert not children._running
    (done,) = side_by_side([lambda: run(["true"], seconds=limit())])
    assert done.result().returncode == 0
