"""The measurements: which programs run over which file, and what is made of their times."""

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from distributed import Client

from bench import workers
from bench.by_group import by_day, by_month, by_station, columns_and_rows
from bench.conversion import conversion
from bench.data import warm
from bench.lab import Lab
from bench.process import in_turn, run
from bench.programs import (
    DASK,
    DUCKDB,
    DUCKDB_MOVING,
    OURS,
    PANDAS,
    POLARS,
    REFERENCE,
)
from bench.results import Comparison, Figure, Measured
from bench.side_by_side import light_beside_heavy
from bench.with_report import with_report
from pipeline import describe

NOTHING = "this project, on a thousand rows"
COUNT_LINES = "wc -l"
GZIP = "gzip -dc"
SHELL = ("sh", "-c")
IMPORTS = "import dask.distributed, numba"
MIB = 1 << 20


def bulk(lab: Lab) -> Iterator[Measured]:
    """Every peer on the twelve-column file."""
    file, few = lab.file("bulk"), lab.file("bulk", 1_000)
    others = {NOTHING: lab.ours("bulk", few), COUNT_LINES: ["wc", "-l", str(file)]}
    compared = lab.compare("bulk", [POLARS, DUCKDB, DUCKDB_MOVING, PANDAS, DASK], **others)
    yield compared
    ours, start = compared.timings[OURS], compared.timings[NOTHING]
    yield _ratio("4.5 GB: this project / Polars", 0.5, compared, POLARS)
    yield _ratio(
        "4.5 GB: this project / DuckDB with the moving variance", 0.25, compared, DUCKDB_MOVING
    )
    yield _ratio("4.5 GB: this project / dask.dataframe", 0.2, compared, DASK)
    work = ours.seconds - start.seconds
    yield Figure("work after start-up / `wc -l`", 4, work / compared.timings[COUNT_LINES].seconds)
    read = max(run.read for run in ours.runs) - min(run.read for run in start.runs)
    yield Figure("bytes read by all processes / file size", 1.01, read / file.stat().st_size)


def tenths(lab: Lab) -> Iterator[Measured]:
    """A column of one decimal: few distinct values."""
    compared = lab.compare("tenths", [POLARS])
    yield compared
    yield _ratio("4.5 GB, one decimal: this project / Polars", 0.5, compared, POLARS)


def api(lab: Lab) -> Iterator[Measured]:
    """Every field quoted."""
    compared = lab.compare("api", [POLARS])
    yield compared
    yield _ratio("4.5 GB, every field quoted: this project / Polars", 0.6, compared, POLARS)


def large(lab: Lab) -> Iterator[Measured]:
    """Twelve gigabytes, and the memory of the workers there."""
    compared = lab.compare("large", [POLARS])
    yield compared
    yield _ratio("12 GB: this project / Polars", 0.33, compared, POLARS)
    with workers.cluster(2) as two:
        describe(lab.file("large"), client=two)
        yield Figure("12 GB: peak memory of a worker", 512, _peak(two), "MiB")


def start_up(lab: Lab) -> Iterator[Measured]:
    """A file so small that only the start counts."""
    imports = [sys.executable, "-c", IMPORTS]
    compared = lab.compare("ten megabytes", [], **{IMPORTS: imports})
    yield compared
    yield _ratio("10 MB, whole process / `import dask.distributed, numba`", 1.5, compared, IMPORTS)


def compressed(lab: Lab) -> Iterator[Measured]:
    """The twelve-column file as gzip, beside gzip's own decompression."""
    plain = lab.file("bulk")
    packed = plain.with_suffix(".csv.gz")
    if not packed.exists():
        run([*SHELL, 'gzip -1 -c "$1" > "$2"', "sh", str(plain), str(packed)])
    warm(packed)
    timings = in_turn(
        {
            OURS: lab.ours("bulk", packed),
            GZIP: [*SHELL, 'gzip -dc "$1" > /dev/null', "sh", str(packed)],
        },
        lab.rounds,
    )
    compared = Comparison(packed.name, timings, {})
    yield compared
    yield _ratio("4.5 GB as gzip: this project / `gzip -dc`", 0.7, compared, GZIP)


def two_workers(lab: Lab) -> Iterator[Measured]:
    """Runs on clusters that are up: one worker and two."""
    file = lab.file("bulk")
    with workers.cluster(1) as one, workers.cluster(2) as two:
        ratio = _speed_up(lab, file, one, two)
        yield Figure("a cluster that is up: two workers / one worker", 0.55, ratio)
        yield Figure("4.5 GB: peak memory of a worker", 512, max(_peak(one), _peak(two)), "MiB")


def eight_slow_workers(lab: Lab) -> Iterator[Measured]:
    """Workers that have a fifth of a processor each: one and eight."""
    file = lab.file("bulk")
    with workers.cluster(1, 0.2) as one, workers.cluster(8, 0.2) as eight:
        ratio = _speed_up(lab, file, one, eight)
        yield Figure("workers held to 0.2 CPU: eight workers / one worker", 0.14, ratio)


def many_partitions(lab: Lab) -> Iterator[Measured]:
    """What a hundred times as many tasks cost."""
    file = lab.file("bulk")
    with workers.cluster(2) as client:
        few, many = medians(lab, *(describing(file, client, parts) for parts in (100, 10_000)))
        yield Figure("10,000 partitions instead of 100: additional time", 25, many - few, "s")
        peak = client.run_on_scheduler(workers.peak_memory) / MIB
        yield Figure("10,000 partitions: peak memory of the scheduler", 1024, peak, "MiB")


def all_distinct(lab: Lab) -> Iterator[Measured]:
    """No value comes twice."""
    yield from _many_values(lab, "all distinct", "50 million distinct values")


def five_million(lab: Lab) -> Iterator[Measured]:
    """Many rows, many values."""
    yield from _many_values(lab, "five million distinct", "200 million rows, 5 million distinct")


def reference(lab: Lab) -> Iterator[Measured]:
    """The definitions in plain Python, on a file that they can manage."""
    yield lab.compare("ten megabytes", [REFERENCE])


MEASUREMENTS: dict[str, Callable[[Lab], Iterator[Measured]]] = {
    function.__name__.replace("_", "-"): function
    for function in (
        reference,
        start_up,
        bulk,
        compressed,
        conversion,
        two_workers,
        eight_slow_workers,
        many_partitions,
        tenths,
        api,
        large,
        all_distinct,
        five_million,
        by_station,
        by_month,
        by_day,
        columns_and_rows,
        with_report,
        light_beside_heavy,
    )
}


def _many_values(lab: Lab, name: str, what: str) -> Iterator[Measured]:
    compared = lab.compare(name, [POLARS])
    yield compared
    yield _ratio(f"{what}: this project / Polars", 3, compared, POLARS)
    with workers.cluster(2) as two:
        describe(lab.file(name), client=two)
        yield Figure(f"{what}: peak memory of a worker", 1024, _peak(two), "MiB")


def _ratio(what: str, goal: float, compared: Comparison, other: str) -> Figure:
    ours, theirs = compared.timings[OURS], compared.timings[other]
    return Figure(what, goal, ours.seconds / theirs.seconds)


def _speed_up(lab: Lab, file: Path, few: Client, many: Client) -> float:
    """Median time of a run on *many* workers over that on *few*, after one run on each."""
    before, after = medians(lab, describing(file, few), describing(file, many))
    return after / before


def describing(file: Path, client: Client, partitions: int | None = None) -> Callable[[], object]:
    """A run over *file* on a cluster that is up."""
    return lambda: describe(file, client=client, partitions=partitions)


def medians(lab: Lab, *actions: Callable[[], object]) -> list[float]:
    """Median seconds of each action, run in turn; a first round loads code and is not counted."""
    rounds = [[_seconds(action) for action in actions] for _ in range(lab.rounds + 1)]
    return [statistics.median(times) for times in zip(*rounds[1:], strict=True)]


def _seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def _peak(client: Client) -> float:
    """Highest resident memory of any of the workers, in MiB."""
    peaks: dict[str, int] = client.run(workers.peak_memory)
    return max(peaks.values()) / MIB
