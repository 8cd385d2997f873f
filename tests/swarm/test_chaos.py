"""Five of the runs that `make chaos` strikes at random, and how it judges: tests/swarm/chaos.py."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.swarm.blows import Blow
from tests.swarm.chaos import ROWS, Plan, attempt, verdict
from tests.swarm.lab import Lab
from tests.swarm.runs import FILES, Run, alone, sample
from tests.swarm.stack import Stack, deployed

SEEDS = (1, 9, 17, 19, 25)

TRUTH = [b"a", b"b"]
RIGHT = "printf a > {}; printf b > {}"
ENDS = {
    "right": (RIGHT, {True, False}),
    "wrong bytes": ("printf a > {}; printf c > {}", set()),
    "half": ("printf a > {}", set()),
    "one error": ("echo error: lost >&2; exit 1", {True}),
    "an error beside results": (f"{RIGHT}; echo error: lost >&2; exit 1", set()),
    "a traceback": ("echo Traceback >&2; echo error: lost >&2; exit 1", set()),
    "another word": ("echo lost >&2; exit 1", set()),
    "a signal": ("kill -9 $$", set()),
    "no end": ("exec sleep 600", set()),
}
"""What a run does, and for which blows that is right: for those that are fatal, and the others."""


@pytest.mark.parametrize("fatal", [True, False])
@pytest.mark.parametrize("end", ENDS)
def test_only_the_right_bytes_or_a_clear_error_will_do(
    end: str, tmp_path: Path, *, fatal: bool
) -> None:
    script, right = ENDS[end]
    script = script.format(*(tmp_path / name for name in FILES))
    with subprocess.Popen(["sh", "-c", script], stderr=subprocess.PIPE, text=True) as process:
        run = Run(process, tmp_path, stack=None)
        _, judged = verdict(run, Blow("", lambda *_: None, fatal=fatal), TRUTH, seconds=1)
    assert judged == (fatal in right)


@pytest.fixture(scope="module")
def arena(lab: Lab, image: str) -> Iterator[Stack]:
    """The stack, with a worker on every node."""
    with deployed(lab, image, workers=lab.nodes) as stack:
        yield stack


@pytest.fixture(scope="module")
def file(arena: Stack) -> Path:
    return sample(arena, ROWS)


@pytest.fixture(scope="module")
def truth(arena: Stack, file: Path, tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    return alone(arena, file, tmp_path_factory.mktemp("alone"))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_run_that_is_struck_ends_right_or_in_one_error(
    arena: Stack, file: Path, truth: list[bytes], seed: int, tmp_path: Path
) -> None:
    trial = attempt(arena, file, truth, Plan.of(seed), tmp_path)
    assert trial.right, trial
