"""Runs that are struck at random: python -m tests.swarm.chaos --seed 1 --count 20 [--record FILE].

The seed alone decides what happens to a run and when. A gate holds the run until its blow has been
struck. It must end with the bytes that one machine computes or, where the blow is fatal, in one
error and no results, and within a limit. Needs root and Docker, as the tests of the swarm do.
"""

import argparse
import json
import signal
import sys
import tempfile
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from subprocess import TimeoutExpired
from time import monotonic

from distributed.versions import VersionMismatchWarning

from tests import gate
from tests.pace import limit
from tests.swarm.blows import BLOWS, Blow, mended
from tests.swarm.daemon import daemon
from tests.swarm.image import BUILDER, build, spread
from tests.swarm.lab import swarm
from tests.swarm.runs import FILES, Run, alone, running, sample
from tests.swarm.stack import Stack, deployed

ROWS = 100_000
LATEST = 120
"""Partitions before the last moment: twice, the workers have ten each ahead behind a gate."""

AT_ONCE = 0.15
"""How often the moment is the start."""

BOUND = 240.0
"""Seconds in which a run must end after its blow, in proportion to the machine's speed."""

AHEAD = 10
"""Partitions that are still read while a blow is struck, where the run goes on meanwhile."""

SAME = "same bytes"

MOST_SHOWN = 400
"""Characters of what a run says that should not have said it."""

HEAD = "| seed | what happens | when | what follows | seconds |\n|---|---|---|---|---|\n"


@dataclass(frozen=True)
class Plan:
    """What a seed decides: the `blow`, after how many partitions, and whether the run is `held`."""

    seed: int
    blow: Blow
    after: int
    held: bool

    @classmethod
    def of(cls, seed: int) -> "Plan":
        chance = Random(seed)
        blow, after = chance.choice(BLOWS), chance.randint(1, LATEST)
        at_once, held = chance.random() < AT_ONCE, chance.random() < 1 / 2
        return cls(seed, blow, 0 if at_once else after, held)

    @property
    def moment(self) -> str:
        if not self.after:
            return "as it starts"
        return f"after {self.after} of {gate.PARTITIONS}, {'held' if self.held else 'going on'}"


@dataclass(frozen=True)
class Trial:
    """How a run ended, in words, and whether that is as it must; `seconds` count from the blow."""

    seed: int
    blow: str
    moment: str
    outcome: str
    right: bool
    seconds: float

    def row(self) -> str:
        """Return the line of the table."""
        outcome = self.outcome if self.right else f"WRONG: {self.outcome}"
        return f"| {self.seed} | {self.blow} | {self.moment} | {outcome} | {self.seconds} |"


def attempt(stack: Stack, file: Path, truth: list[bytes], plan: Plan, output: Path) -> Trial:
    """Do one run, strike it, and judge how it ends; all workers are connected before and after."""
    many = ("--partitions", f"{gate.PARTITIONS}")
    with mended(stack), stack.client() as client, ThreadPoolExecutor() as pool:
        gate.close(client, plan.after or 1)
        with running(stack, file, output, stack.environment, *many) as run:
            if plan.after:
                gate.wait(client)
                if not plan.held:
                    gate.open_(client)
                    gate.close(client, AHEAD)
            client.close()
            ending = pool.submit(lambda: (*verdict(run, plan.blow, truth), monotonic()))
            struck = monotonic()
            plan.blow.strike(stack, Random(plan.seed))
            if not plan.blow.ends_gate:
                run.go_on()
            outcome, right, ended = ending.result()
    return Trial(plan.seed, plan.blow.name, plan.moment, outcome, right, round(ended - struck, 1))


def verdict(run: Run, blow: Blow, truth: list[bytes], seconds: float = BOUND) -> tuple[str, bool]:
    """Wait for the end of a run that was struck; how it was, and whether that is as it must."""
    try:
        _, errors = run.process.communicate(timeout=limit(seconds))
    except TimeoutExpired:
        run.process.kill()
        return f"not ended within {limit(seconds):.0f} s", False
    written = [path.read_bytes() for name in FILES if (path := run.output / name).exists()]
    if run.process.returncode == 0:
        return (SAME, True) if written == truth else ("other bytes", False)
    if run.process.returncode == 1 and len(errors.strip().splitlines()) == 1:
        clear = errors.startswith("error: ") and not written
        return errors.strip(), clear and blow.fatal
    return f"code {run.process.returncode}: {errors[-MOST_SHOWN:]!r}", False


@contextmanager
def arena() -> Iterator[Stack]:
    """The stack of this tree on a new swarm, with a worker on each of its three nodes."""
    with swarm() as lab:
        with daemon(BUILDER) as builder:
            image = build(builder)
            spread(image, builder, lab.nodes)
        with deployed(lab, image, workers=lab.nodes) as stack:
            yield stack


def main() -> int:
    """Print a table, a row when its run has ended; 1 if any went wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("--seed", type=int, default=1, help="of the first run")
    parser.add_argument("--count", type=int, default=20, help="of runs, each with the next seed")
    parser.add_argument("--record", type=Path, help="a JSON file that holds the row of each seed")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the lab is taken down then, too
    warnings.simplefilter("ignore", VersionMismatchWarning)  # Python here, and in the image
    trials = []
    with arena() as stack, tempfile.TemporaryDirectory() as folder:
        file = sample(stack, ROWS)
        truth = alone(stack, file, Path(folder, "alone"))
        sys.stdout.write(HEAD)
        for seed in range(asked.seed, asked.seed + asked.count):
            trials.append(attempt(stack, file, truth, Plan.of(seed), Path(folder, f"{seed}")))
            sys.stdout.write(f"{trials[-1].row()}\n")
            sys.stdout.flush()
            if asked.record:
                record(trials, asked.record)
    return int(not all(trial.right for trial in trials))


def record(trials: list[Trial], path: Path) -> None:
    """Put trials into a file, in the place of those of the same seeds."""
    rows = json.loads(path.read_text("utf-8")) if path.exists() else []
    today = datetime.now(UTC).date().isoformat()
    new = {trial.seed: asdict(trial) | {"date": today} for trial in trials}
    whole = {row["seed"]: row for row in rows} | new
    lines = ",\n".join(json.dumps(whole[seed]) for seed in sorted(whole))
    path.write_text(f"[\n{lines}\n]\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
