"""What a measurement yields: figures with goals, and comparisons of programs."""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.process import Timing


@dataclass(frozen=True)
class Figure:
    """One measured number with the goal it must not exceed; both in *unit*."""

    what: str
    goal: float
    value: float
    unit: str = ""

    @property
    def reached(self) -> bool:
        """Whether the goal is met."""
        return self.value <= self.goal


@dataclass(frozen=True)
class Comparison:
    """Programs over one file: their timings, and for each peer the statistics that differ."""

    file: str
    timings: Mapping[str, Timing]
    differing: Mapping[str, list[str]]


Measured = Figure | Comparison
