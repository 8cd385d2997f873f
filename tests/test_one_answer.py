"""One answer: the same bytes, however a file is cut and whichever worker reads which piece."""

from __future__ import annotations

import ast
import csv
import json
import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import pytest
from distributed import WorkerPlugin

import pipeline
from pipeline.engine.observer import Observer
from pipeline.engine.reduce import summarise
from pipeline.formats.open import open_table
from pipeline.formats.read_options import ReadOptions
from pipeline.partitions.cutting import Partitioning
from pipeline.partitions.planning import MergePlan
from pipeline.partitions.segment import Job
from pipeline.statistics.finish import finish_from
from pipeline.statistics.options import StatisticsOptions
from tests import oracle
from tests.clusters import local
from tests.files import FILES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from distributed import Client

    from pipeline.formats.partition import Partition

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

WINDOW = 20
PARTITIONS = (1, 2, 3, 7, 64, 1000)

each_file = pytest.mark.parametrize("name", FILES)


@pytest.fixture(scope="module")
def one_worker() -> Iterator[Client]:
    with local(1) as client:
        yield client


@pytest.fixture(scope="module")
def four_workers() -> Iterator[Client]:
    with local(4) as client:
        yield client


def texts(folder: Path, name: str, partitions: int, client: Client) -> tuple[str, str]:
    """Return the texts of ``results.json`` and ``combined_results.csv``."""
    options = FILES[name].options
    result = pipeline.describe(
        folder / name, partitions=partitions, window=WINDOW, client=client, **options
    )
    return result.to_json(), result.to_csv()


@pytest.fixture(scope="module")
def unsplit(folder: Path, one_worker: Client) -> dict[str, tuple[str, str]]:
    """The answers of one partition read by one worker."""
    return {name: texts(folder, name, 1, one_worker) for name in FILES}


@each_file
def test_the_answer_is_right(name, unsplit):
    """Every statistic of every file is the oracle's."""
    found = json.loads(unsplit[name][0])
    exact = oracle.expected(FILES[name].values(), window=WINDOW)
    exact["percentiles"] = {str(q): value for q, value in exact["percentiles"].items()}
    assert {key: found[key] for key in exact} == exact
    assert found["missing"] == len(FILES[name].cells()) - exact["count"]
    assert found["invalid"] == 0


@each_file
@pytest.mark.parametrize("partitions", PARTITIONS)
@pytest.mark.parametrize("workers", ["one_worker", "four_workers"])
def test_the_number_of_partitions_and_workers_does_not_matter(
    name, partitions, workers, folder, unsplit, request
):
    """Partitions may be longer than rows or shorter than fields, workers one or four."""
    client = request.getfixturevalue(workers)
    assert texts(folder, name, partitions, client) == unsplit[name]


@dataclass(frozen=True)
class Late:
    """A table whose partitions are read after delays of chance."""

    table: Any
    seed: int

    def __getattr__(self, name: str) -> Any:
        """Return what the table itself has, but for what pickling asks for."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.table, name)

    def read(self, partition: Partition) -> Any:
        time.sleep(random.Random(f"{self.seed} {partition.start}").random() / 50)
        return self.table.read(partition)


@each_file
@pytest.mark.parametrize("partitions", [3, 7, 16])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_completion_does_not_matter(
    name, partitions, seed, folder, unsplit, four_workers
):
    """Partitions that are finished in a shuffled order are merged in that of the file."""
    table, _ = open_table(folder / name, ReadOptions(FILES[name].options["column"]))
    options = StatisticsOptions(WINDOW)
    job = Job(Late(table, seed), options)
    parts = Partitioning(partitions).of(table, 4)
    found = summarise(four_workers, job, parts, MergePlan(), Observer())
    result = finish_from(found.columns[0], job.sources[0])
    assert (result.to_json(), result.to_csv()) == unsplit[name]


@dataclass(frozen=True)
class DiesOnce(WorkerPlugin):
    """End the process of the first worker that begins to read a partition."""

    dead: Path

    def transition(self, *states: Any, **_: Any) -> None:
        key, _, state = states
        if state == "executing" and "summarise" in str(key) and not self.dead.exists():
            self.dead.touch()
            os._exit(1)


def test_a_worker_that_dies_does_not_matter(folder, unsplit, tmp_path):
    """What a lost worker had read is read again by another, and nothing is counted twice."""
    with local(2, processes=True) as client:
        client.register_plugin(DiesOnce(tmp_path / "dead"))
        assert texts(folder, "bulk layout", 16, client) == unsplit["bulk layout"]
    assert (tmp_path / "dead").exists()


@pytest.mark.parametrize(("partitions", "workers"), [("1", "1"), ("7", "4"), ("1000", "2")])
def test_the_command_writes_the_same_bytes(partitions, workers, folder, unsplit, tmp_path):
    """The files of the command hold what the library returns, whatever the cluster."""
    name = "newlines in quotes"
    command = [sys.executable, "-m", "pipeline.run", folder / name, "--column", "x"]
    command += ["--window", str(WINDOW), "--partitions", partitions, "--workers", workers]
    run = subprocess.run(
        [*command, "--output", tmp_path], capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode == 0, run.stderr
    written = {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()}
    assert written == {"results.json": unsplit[name][0], "combined_results.csv": unsplit[name][1]}


def test_partials_tell_of_each_partition_alone(tmp_path):
    """Ranges of bytes that follow one another, with the statistics of the rows that begin there."""
    rows = [
        f"{i},{value},{'a' * (i % 9)}\n" for i, value in enumerate(FILES["one column"].values())
    ]
    header = "id,x,note\n"
    (tmp_path / "data.csv").write_text(header + "".join(rows))
    command = [sys.executable, "-m", "pipeline.run", tmp_path / "data.csv", "--column", "x"]
    command += ["--window", "5", "--partitions", "7", "--partials", "--output", tmp_path]
    subprocess.run(command, capture_output=True, timeout=120, check=True)
    begins = list(accumulate([len(header), *map(len, rows)]))
    position = len(header)
    with (tmp_path / "partitions.csv").open(newline="") as stream:
        for row in csv.DictReader(stream):
            start, stop = int(row["start"]), int(row["stop"])
            assert start == position
            inside = [line for line, at in zip(rows, begins, strict=False) if start <= at < stop]
            exact = oracle.expected([float(line.split(",")[1]) for line in inside], window=5)
            assert {name: ast.literal_eval(row[name]) for name in exact} == exact
            position = stop
    assert position == begins[-1]


def test_the_csv_has_the_agreed_columns(unsplit):
    """One row with the agreed columns in order; the percentiles are a Python dictionary."""
    json_text, csv_text = unsplit["bulk layout"]
    result = json.loads(json_text)
    rows = list(csv.reader(csv_text.splitlines()))
    assert rows[0] == [
        "temperatura_promedio",
        "max_value",
        "min_value",
        "moda",
        "varianza",
        "desviacion_estandar",
        "curtosis",
        "asimetria",
        "suma_varianza_movil",
        "percentiles",
    ]
    assert len(rows) == 2
    names = ["mean", "max", "min", "mode", "variance", "std", "kurtosis", "skewness"]
    names += ["moving_variance_sum"]
    assert [float(cell) for cell in rows[1][:-1]] == [result[name] for name in names]
    percentiles = ast.literal_eval(rows[1][-1])
    assert {str(q): value for q, value in percentiles.items()} == result["percentiles"]
    assert list(percentiles) == [10, 25, 50, 75, 90]
