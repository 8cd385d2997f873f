"""Nodes that are not alike, on a real swarm: a small one, a larger one, one of two processes.

What the nodes of the lab have in common, one machine's CPUs and memory, the inventory divides.
"""

import json
import os
import re
import socket
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Any

import dask.array
import dask.dataframe
import pytest
from distributed import Client

from tests.pace import limit, until
from tests.swarm.lab import Lab
from tests.swarm.manager import Manager, container_of, containers
from tests.swarm.stack import ROOT, Stack

MEBIBYTE = 1 << 20
HERE = os.cpu_count() or 1
CPUS = min(2, HERE)
SETTINGS = (
    'cpus = 1\nmemory = "512M"\nresources = { SMALL = 1 }',
    f'cpus = {CPUS}\nmemory = "1G"',
    f'cpus = {CPUS}\nmemory = "1G"\nprocesses = 2\nresources = {{ GPU = 1 }}',
)
CHUNK = 16 * MEBIBYTE


class Unlike(Manager):
    """A cluster whose inventory says for each node what it gives."""

    def give(self, image: str, *settings: str) -> None:
        """Write the inventory of as many nodes as there are settings."""
        tables = zip(
            ["[manager]", "[[workers]]", "[[workers]]"], self.lab.nodes, settings, strict=False
        )
        nodes = "\n".join(
            f'{table}\naddress = "{node.address}"\ndocker = "{node.docker_host}"\n'
            f'labels = {{ dask = "worker" }}\n{given}'
            for table, node, given in tables
        )
        text = f"""
hosts = "ready"
state = "{self.folder}/state"
{nodes}
[share]
provide = "folder"
data = "{self.lab.data}"
results = "{self.lab.results}"
[image]
reference = "{image}"
"""
        (self.folder / "cluster.toml").write_text(text)

    def up(self) -> str:
        """Bring the cluster up, and what that wrote of its steps; a second time does nothing."""
        done = self.cluster("up")
        assert done.returncode == 0, done.stderr
        before = containers(self.lab)
        assert self.cluster("up").stdout.startswith("nothing to do")
        assert containers(self.lab) == before
        return done.stderr

    def client(self) -> Client:
        """A client in this process."""
        return Stack(self.lab, self.folder / "state").client()


@pytest.fixture(scope="module")
def cluster(lab: Lab, image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Unlike]:
    """The cluster of three nodes, up."""
    cluster = Unlike(lab, tmp_path_factory.mktemp("unlike"), Path(sys.executable).parent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        try:
            cluster.give(image, *SETTINGS)
            cluster.up()
            yield cluster
        finally:
            lab.reset()


@pytest.fixture
def client(cluster: Unlike) -> Iterator[Client]:
    with cluster.client() as client:
        yield client


def workers(client: Client) -> dict[str, list[dict[str, Any]]]:
    """What the scheduler says of the workers of each node, in the order of their names."""
    found = defaultdict(list)
    infos = client.scheduler_info(n_workers=-1)["workers"].values()
    for info in sorted(infos, key=lambda info: info["name"]):
        found[info["name"].partition("-")[0]].append(info)
    return found


def sizes(client: Client) -> dict[str, list[tuple[int, int, dict[str, float]]]]:
    """Threads, memory limit and resources of each worker, by node."""
    return {
        node: [(info["nthreads"], info["memory_limit"], info["resources"]) for info in infos]
        for node, infos in workers(client).items()
    }


AS_SAID = {
    "node1": [(1, int(512 * MEBIBYTE * 0.85), {"SMALL": 1})],
    "node2": [(CPUS, int(1024 * MEBIBYTE * 0.85), {})],
    "node3": [
        (1, int(512 * MEBIBYTE * 0.85), {"GPU": 1}),
        (1, int(512 * MEBIBYTE * 0.85), {}),
    ],
}


def test_every_worker_has_what_its_node_gives(cluster: Unlike, client: Client):
    """Threads, memory and resources, as Dask knows them; and CPUs, as the kernel does."""
    assert sizes(client) == AS_SAID
    cpus = client.run(lambda: (socket.gethostname(), len(os.sched_getaffinity(0))))
    assert set(cpus.values()) == {("node1", 1), ("node2", CPUS), ("node3", CPUS)}
    shown = json.loads(cluster.cluster("status --json").stdout)["nodes"]
    assert [node["processes"] for node in shown] == [1, 1, 2]
    assert [node["threads"] for node in shown] == [1, CPUS, 2]
    assert [node["cpus"] for node in shown] == [1, CPUS, CPUS]
    assert [node["resources"] for node in shown] == [{"SMALL": 1}, {}, {"GPU": 1}]
    assert "2 processes" in cluster.cluster("status").stdout
    assert cluster.illnesses() == {}


def test_a_run_over_all_of_them_gives_the_bytes_of_a_laptop(cluster: Unlike):
    """Of one column, and by group."""
    done = cluster.shell(
        """
        python -m pipeline.sample /mnt/shared/sample.csv --rows 200000
        python -m pipeline.run /mnt/shared/sample.csv --output swarm --partitions 40
        python -m pipeline.run /mnt/shared/sample.csv --output groups --by CodigoEstacion
        unset DASK_CONFIG
        python -m pipeline.run /mnt/shared/sample.csv --output alone
        python -m pipeline.run /mnt/shared/sample.csv --output groups-alone --by CodigoEstacion
        cmp swarm/results.json alone/results.json
        cmp swarm/combined_results.csv alone/combined_results.csv
        cmp groups/groups.csv groups-alone/groups.csv
        """
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_task_runs_where_its_resources_are(client: Client):
    """On the one process of the node that has them."""
    tasks = [
        client.submit(lambda _: socket.gethostname(), i, resources={"GPU": 1}, pure=False)
        for i in range(8)
    ]
    assert set(client.gather(tasks)) == {"node3"}
    assert {name for names in client.who_has(tasks).values() for name in names} == {
        next(
            address
            for address, info in client.scheduler_info(n_workers=-1)["workers"].items()
            if "GPU" in info["resources"]
        )
    }


def test_arrays_and_tables_of_dasks_own_are_computed(cluster: Unlike, client: Client):
    """Over all workers, pieces sent between them."""
    numbers = dask.array.arange(400, chunks=100)
    squares = numbers[:, None] * numbers[None, :]
    total = client.compute((squares + squares.T).sum()).result(limit())
    assert total == 2 * sum(range(400)) ** 2
    path = cluster.lab.data / "pairs.csv"
    path.write_text("key,value\n" + "".join(f"{i % 7},{i}\n" for i in range(70_000)))
    table = dask.dataframe.read_csv(str(path), blocksize=100_000)
    sums = client.compute(table.groupby("key").value.sum()).result(limit())
    assert dict(sums) == {key: sum(range(key, 70_000, 7)) for key in range(7)}


def test_a_task_larger_than_the_small_node_is_blamed_for_it(client: Client):
    """The container's limit is twice as large: the worker ends itself."""
    nbytes, seconds = 700 * MEBIBYTE, limit()

    def grow() -> None:  # the image has no tests to import: what is local is sent as it is
        taken = []
        while len(taken) * CHUNK < nbytes:
            taken.append(os.urandom(CHUNK))
            Event().wait(0.05)
        Event().wait(seconds)

    large = client.submit(grow, key="large", resources={"SMALL": 1})
    error = large.exception(timeout=limit())
    assert isinstance(error, MemoryError)
    lost = r"on node1 \(last seen with \d+\.\d\d MiB, limit 435\.20 MiB\)"
    said = "task large needs more memory than a worker has: it has ended 2 workers, "
    assert re.fullmatch(f"{said}{lost} and {lost}", str(error))
    until(lambda: sizes(client) == AS_SAID, "the small node's worker to be back")


def test_a_process_that_ends_takes_its_sibling_along_and_both_come_back(
    cluster: Unlike, client: Client
):
    """The container's log says which one it was."""
    node = cluster.lab.nodes[2]
    first, second = workers(client)["node3"]
    container = Stack(cluster.lab, cluster.folder).container("worker", node)
    address = next(
        address
        for address, info in client.scheduler_info(n_workers=-1)["workers"].items()
        if info["name"] == second["name"]
    )
    with suppress(OSError):
        client.run(os._exit, 3, workers=[address])
    until(
        lambda: sizes(client) == AS_SAID and workers(client)["node3"][0]["name"] != first["name"],
        "two new processes",
    )
    assert "worker process 2 of 2 has ended with code 3; the others leave" in node.logs(container)


def test_what_a_node_cannot_give_is_refused_before_anything_is_done(cluster: Unlike, image: str):
    """One line each, with its key."""
    cluster.give(image, SETTINGS[0], f"cpus = {HERE + 1}", 'memory = "512M"\nprocesses = 3')
    done = cluster.cluster("plan")
    cluster.give(image, *SETTINGS)
    assert (done.returncode, done.stdout) == (1, "")
    cpus, processes = done.stderr.splitlines()
    assert cpus.startswith(f"error: workers[0].cpus: {HERE + 1} is more than the node has")
    assert processes.startswith("error: workers[1].processes: ")


def test_a_change_for_one_node_leaves_scheduler_and_jobs_as_they_are(cluster: Unlike, image: str):
    """The plan says so; a second `up` does nothing."""
    scheduler = container_of(cluster.lab, "dask_scheduler")
    cluster.give(image, SETTINGS[0], SETTINGS[1] + "\nthreads = 3", SETTINGS[2])
    said = "the workers' settings have changed; they restart, and running jobs go on"
    assert said in cluster.cluster("plan").stdout
    cluster.up()
    assert container_of(cluster.lab, "dask_scheduler") == scheduler
    with cluster.client() as client:
        assert sizes(client)["node2"] == [(3, AS_SAID["node2"][0][1], {})]


def test_a_node_that_is_only_labelled_gives_what_it_has(cluster: Unlike, image: str):
    """It is not in the inventory; the containers' common limit holds there, too."""
    node = cluster.lab.nodes[2]
    cluster.give(image, *SETTINGS[:2])
    cluster.up()
    with cluster.client() as client:
        assert "node3" not in workers(client)
        cluster.lab.manager.docker("node", "update", "--label-add", "dask=worker", node.name)
        until(lambda: "node3" in workers(client), "the labelled node's worker")
        ((threads, memory, resources),) = sizes(client)["node3"]
    assert (threads, resources) == (HERE, {})
    assert memory == int(1024 * MEBIBYTE * 0.85)
    assert cluster.cluster("plan").stdout == "nothing to do\n"
