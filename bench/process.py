"""Run a command as a whole process, and measure it."""

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
WITNESS = Path(__file__).with_name("witness.py")
LIMIT_SECONDS = 3600


@dataclass(frozen=True)
class Run:
    """One run of a command.

    *seconds* of wall time from start to exit; *processor* seconds of all its processes; *peak*
    resident bytes of the largest of them; *read*, the bytes that they got from `read` and its kin.
    """

    seconds: float
    processor: float
    peak: int
    read: int
    output: str


@dataclass(frozen=True)
class Timing:
    """The runs of one command over several rounds."""

    runs: tuple[Run, ...]

    @property
    def seconds(self) -> float:
        """The median wall time."""
        return statistics.median(run.seconds for run in self.runs)

    @property
    def processor(self) -> float:
        """The median processor time."""
        return statistics.median(run.processor for run in self.runs)

    @property
    def peak(self) -> int:
        """The highest resident memory of a process in any round, in bytes."""
        return max(run.peak for run in self.runs)


def run(command: Sequence[str]) -> Run:
    """Run *command* to its end; a failure raises with what the command wrote to stderr."""
    with tempfile.NamedTemporaryFile("r", encoding="ascii") as report:
        done = subprocess.run(
            [sys.executable, str(WITNESS), report.name, *command],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            message = f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}"
            raise RuntimeError(message)
        return Run(**json.load(report), output=done.stdout)


def in_turn(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, Timing]:
    """Run all commands in turn, *rounds* times, so that a slow moment of the machine hits all."""
    runs = [{name: run(command) for name, command in commands.items()} for _ in range(rounds)]
    return {name: Timing(tuple(turn[name] for turn in runs)) for name in commands}
