"""What a report costs beside the numbers alone."""

from collections.abc import Iterator

from bench.lab import Lab
from bench.process import in_turn
from bench.programs import OURS, this_project
from bench.results import Comparison, Figure, Measured

REPORT = "this project, --report"
GOAL = 1.15


def with_report(lab: Lab) -> Iterator[Measured]:
    """The same run with a page and without."""
    file, results = lab.file("bulk"), lab.folder / "results"
    commands = {
        OURS: lab.ours("bulk", file),
        REPORT: this_project(file, lab.column("bulk"), results, "--report", "report.html"),
    }
    compared = Comparison(file.name, in_turn(commands, lab.rounds), {})
    yield compared
    alone, shown = compared.timings[OURS], compared.timings[REPORT]
    yield Figure("4.5 GB: --report / without", GOAL, shown.seconds / alone.seconds)
    processor = shown.processor / alone.processor
    yield Figure("4.5 GB: --report / without, CPU seconds", GOAL, processor)
