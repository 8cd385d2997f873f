"""Where the measurements find their files."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import agree
from bench.data import DATASETS, Maker, warm
from bench.process import in_turn
from bench.programs import OURS, PROGRAMS, this_project
from bench.results import Comparison


@dataclass(frozen=True)
class Lab:
    """Where the files lie, how large they are (1 is full size), and how often each is run."""

    folder: Path
    scale: float
    rounds: int

    def file(self, name: str, rows: int | None = None) -> Path:
        """The file of a data set, made if it is not there, and read once."""
        return self.made(name, rows or self.rows(name), DATASETS[name].make)

    def made(self, name: str, rows: int, make: Maker) -> Path:
        """A file of that many rows, made if it is not there, and read once."""
        path = self.folder / f"{name.replace(' ', '-')}-{rows}.csv"
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            make(path, rows)
        warm(path)
        return path

    def rows(self, name: str) -> int:
        """How many rows the file of a data set has."""
        return DATASETS[name].at(self.scale)

    def column(self, name: str) -> str:
        """The column that is described in the file of a data set."""
        return DATASETS[name].column

    def ours(self, name: str, file: Path) -> list[str]:
        """The command with which this project describes a file of a data set."""
        return this_project(file, DATASETS[name].column, self.folder / "results")

    def compare(self, name: str, peers: Sequence[str], **others: Sequence[str]) -> Comparison:
        """The project, *peers* and *others* over one data set in turn, and whether they agree."""
        file, column = self.file(name), DATASETS[name].column
        commands = {OURS: self.ours(name, file)}
        commands |= {peer: PROGRAMS[peer].command(file, column) for peer in peers}
        timings = in_turn(
            commands | {key: [*command] for key, command in others.items()}, self.rounds
        )
        answers = {key: json.loads(timings[key].runs[-1].output) for key in commands}
        differing = {peer: agree.differences(answers[OURS], answers[peer]) for peer in peers}
        return Comparison(file.name, timings, differing)
