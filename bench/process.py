"""Run a command as a whole process, and measure it."""

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Timer

ROOT = Path(__file__).parents[1]
LIMIT_SECONDS = 3600


@dataclass(frozen=True)
class Run:
    """One run of a command.

    *seconds* of wall time from start to exit; *peak* resident bytes of the largest of its
    processes; *read*, the bytes that it and all its processes got from `read` and its kin.
    """

    seconds: float
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
    def peak(self) -> int:
        """The highest resident memory of a process in any round, in bytes."""
        return max(run.peak for run in self.runs)


def run(command: Sequence[str]) -> Run:
    """Run *command* to its end; a failure raises with what the command wrote to stderr."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        read, start = _bytes_read(), time.perf_counter()
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=errors
        )
        alarm = Timer(LIMIT_SECONDS, process.kill)
        alarm.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds, read = time.perf_counter() - start, _bytes_read() - read
        alarm.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if process.returncode != 0:
            message = f"{' '.join(command)} ended with {process.returncode}:\n{errors.read()}"
            raise RuntimeError(message)
        return Run(seconds, usage.ru_maxrss * 1024, read, output.read())


def in_turn(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, Timing]:
    """Run all commands in turn, *rounds* times, so that a slow moment of the machine hits all."""
    runs = [{name: run(command) for name, command in commands.items()} for _ in range(rounds)]
    return {name: Timing(tuple(turn[name] for turn in runs)) for name in commands}


def _bytes_read() -> int:
    """Bytes read so far by this process and by every process it has waited for."""
    lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    return int(dict(line.split(": ") for line in lines)["rchar"])
