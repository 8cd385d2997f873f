"""`python -m cluster` on a real swarm of three nodes, by the very commands of docs/swarm.md.

It is an installed package, in an environment of its own and away from the checkout.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pace import until
from tests.swarm.base import base
from tests.swarm.daemon import daemon
from tests.swarm.image import CACHE
from tests.swarm.lab import Lab
from tests.swarm.manager import Manager, container_of, containers, hidden, secrets, tag

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "swarm.md"
BLOCK = re.compile(r"^```sh run\n(.*?)^```$", re.MULTILINE | re.DOTALL)
IMAGE = "dask-swarm.invalid/node"


@pytest.fixture(scope="module")
def started(
    lab: Lab, programs: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Manager, list[subprocess.CompletedProcess[str]]]]:
    """A cluster from nothing but a swarm, and what the page's first commands wrote."""
    manager = Manager(lab, tmp_path_factory.mktemp("manager"), programs)
    try:
        with daemon(CACHE / "builder") as builder:
            basis = f'base = "{base(builder)}"'
            manager.describe(f'{basis}\nbuilder = "{builder.docker_host}"')
            done = [manager.shell(block) for block in BLOCK.findall(PAGE.read_text())[:3]]
        manager.describe(basis)
        yield manager, done
    finally:
        lab.reset()


@pytest.fixture
def manager(started) -> Manager:
    """The machine of a cluster that is up."""
    return started[0]


def test_the_pages_commands_lead_from_a_swarm_to_a_result(started):
    """Plan, up, a sample, its result, a look: all of them succeed, on every node."""
    manager, done = started
    assert [process.returncode for process in done] == [0, 0, 0], [p.stderr for p in done]
    up, run, look = done
    assert "dask=worker" in up.stdout
    assert "the cluster is up" in up.stdout
    assert (manager.folder / "results" / "results.json").exists(), run.stderr
    assert "NOT OK" not in look.stdout
    for node in manager.lab.nodes:
        assert f"{node.name}-" in look.stdout


def test_the_result_is_the_one_of_a_laptop(manager):
    """Byte by byte."""
    local = manager.shell(
        "unset DASK_CONFIG; python -m pipeline.run /mnt/shared/sample.csv --output local"
    )
    assert local.returncode == 0, local.stderr
    for name in ("results.json", "combined_results.csv"):
        swarm = (manager.folder / "results" / name).read_bytes()
        assert swarm == (manager.folder / "local" / name).read_bytes()


def test_a_second_up_changes_nothing_and_says_so(manager):
    """No container is another one than before."""
    before = containers(manager.lab)
    done = manager.cluster("up")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "nothing to do: the cluster is as the inventory describes it\n"
    assert done.stderr == ""
    assert containers(manager.lab) == before
    assert manager.cluster("plan").stdout == "nothing to do\n"


def test_client_without_arguments_is_connected(manager):
    """In any program of the user."""
    done = manager.shell(
        "python -c 'from distributed import Client; print(Client().submit(sum, [1, 2]).result())'"
    )
    assert done.stdout == "3\n", done.stderr


def test_a_program_uses_the_cluster_as_an_object_of_dasks(manager):
    """It computes, looks, lets fewer nodes work, and leaves the cluster up."""
    program = """
from cluster import SwarmCluster
from distributed import Client

with SwarmCluster("cluster.toml") as cluster, Client(cluster) as client:
    print(client.submit(sum, [1, 2]).result(), len(cluster.scheduler_info["workers"]))
    print([node.hostname for node in cluster.node_status().nodes])
    print(all(check.ok for check in cluster.doctor()), len(cluster.get_logs()) > 3)
    cluster.scale(2)
"""
    (manager.folder / "program.py").write_text(program)
    done = manager.shell("python program.py")
    assert done.stdout.splitlines() == [
        "3 3",
        "['node1', 'node2', 'node3']",
        "True True",
        f"{manager.lab.nodes[2].address}: remove the label dask (so many are to work)",
    ], done.stderr
    assert "add the label dask=worker" in manager.cluster("plan").stdout
    done = manager.cluster("up")
    assert done.returncode == 0, done.stderr


def test_status_tells_every_node_its_worker_image_and_share(manager):
    """As JSON, for programs."""
    status = json.loads(manager.cluster("status --json").stdout)
    assert status["connected"]
    assert [node["hostname"] for node in status["nodes"]] == ["node1", "node2", "node3"]
    assert {node["share"] for node in status["nodes"]} == {"mounted"}
    assert {node["threads"] for node in status["nodes"]} == {1}
    assert len({node["image"] for node in status["nodes"]}) == 1


def test_no_secret_is_printed_or_found_in_the_services(manager):
    """Not the password, not a key, not a join token."""
    secrets = (manager.folder / "state" / "dashboard").read_text().split(":")[1:]
    secrets += ["PRIVATE KEY", "SWMTKN"]
    inspect = ("service", "inspect", "dask_scheduler", "dask_worker")
    outputs = [manager.cluster(c).stdout for c in ("status --json", "doctor", "dashboard", "logs")]
    for text in (*outputs, manager.lab.manager.docker(*inspect)):
        assert not any(secret in text for secret in secrets)


def test_a_node_whose_image_differs_is_named_and_mended(manager):
    """The doctor names it, `up` sends the right one."""
    node = manager.lab.nodes[2]
    reference = f"{IMAGE}:{tag(node)}"
    right = node.docker("image", "inspect", reference, "--format", "{{.Id}}")
    node.docker("import", "-", reference, input="")
    assert f"not {right.removeprefix('sha256:')[:12]}" in manager.illnesses()[node.address, "image"]
    done = manager.cluster("up")
    assert done.returncode == 0, done.stderr
    assert f"{node.address}: receive the image {reference}" in done.stderr
    assert node.docker("image", "inspect", reference, "--format", "{{.Id}}") == right
    until(lambda: manager.illnesses() == {}, "the doctor to find nothing")


@pytest.mark.parametrize("folder", ["data", "results"])
def test_a_node_whose_share_is_not_mounted_is_named_and_refused(manager, folder):
    """By the doctor, and by `up` before it deploys anything."""
    node, path = manager.lab.nodes[1], getattr(manager.lab, folder)
    with hidden(node, path):
        assert f"{path} has no .dask-swarm" in manager.illnesses()[node.address, "share"]
        done = manager.cluster("up")
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {node.address}: {path} has no .dask-swarm")
    assert "the share is not mounted there" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_file_of_another_size_is_named_with_its_node(manager):
    """As when one node has mounted an older copy of the share."""
    node, file = manager.lab.nodes[2], manager.lab.data / "sample.csv"
    other = manager.folder / "other.csv"
    other.write_text("short")
    node.run("mount", "--bind", str(other), str(file))
    try:
        found = manager.illnesses()
    finally:
        node.run("umount", str(file))
    size = file.stat().st_size
    ((host, _), advice), *others = found.items()
    assert (host, others) == (node.address, [])
    assert f"sample.csv has 5 bytes instead of {size}" in advice


def test_a_node_that_is_cut_off_is_named(manager):
    """Its swarm membership, its ports, or its worker: the doctor says so within its limits."""
    node = manager.lab.nodes[2]
    node.cut()
    try:
        found = manager.illnesses()
    finally:
        node.mend()
    assert node.address in {host for host, _ in found} | {
        word.partition(":")[0] for advice in found.values() for word in advice.split()
    }


def test_a_change_of_the_inventory_is_one_more_up(manager):
    """Other memory: the stack is deployed again, and the workers come back with it."""
    inventory = manager.folder / "cluster.toml"
    scheduler = container_of(manager.lab, "dask_scheduler")
    inventory.write_text(inventory.read_text().replace('memory = "1G"', 'memory = "1200M"'))
    done = manager.cluster("up")
    assert done.returncode == 0, done.stderr
    assert "the workers' settings have changed; they restart, and running jobs go on" in done.stderr
    assert container_of(manager.lab, "dask_scheduler") == scheduler
    status = json.loads(manager.cluster("status --json").stdout)
    assert {node["memory_limit"] for node in status["nodes"]} == {int(1200 * 2**20 * 0.85)}
    assert manager.cluster("up").stdout.startswith("nothing to do")


def test_renewed_certificates_become_new_secrets_and_the_old_ones_go(manager):
    """Without a connection in the clear, and without a second set of secrets."""
    before = secrets(manager.lab)
    (manager.folder / "state" / "cert.pem").unlink()
    done = manager.cluster("up")
    assert done.returncode == 0, done.stderr
    after = secrets(manager.lab)
    assert len(after) == len(before) == 5
    assert {name.rpartition("-")[0] for name in before - after} == {"dask-cert", "dask-key"}
    # A name resolves from the first healthy answer of the new container on.
    until(lambda: manager.illnesses() == {}, "the doctor to find nothing")


def test_another_persons_up_is_refused_and_changes_nothing(manager, tmp_path):
    """A second home, with keys of its own: it is told whose the cluster is."""
    stranger = Manager(manager.lab, tmp_path, manager.programs)
    stranger.describe()
    before = containers(manager.lab), secrets(manager.lab)
    for command in ("plan", "up", "down --yes"):
        done = stranger.cluster(command)
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        assert "the cluster dask was made by" in line
    assert (containers(manager.lab), secrets(manager.lab)) == before
    assert json.loads(manager.cluster("status --json").stdout)["made_by"]


def test_an_invited_user_connects_until_the_invitation_is_taken_back(manager):
    """With one file and nothing else; a warning or a wrong link would be seen."""
    ask = """python -W error -c '
from distributed import Client
client = Client(timeout=20)
print(client.submit(sum, [1, 2]).result(), client.dashboard_link)'"""
    done = manager.shell("mkdir ana && python -m cluster invite ana --output ana/ana.yaml")
    assert done.returncode == 0, done.stderr
    asked = manager.shell(ask, dask="ana")
    address = manager.lab.manager.address
    assert asked.stdout == f"3 https://{address}:8787/status\n", asked.stderr
    done = manager.cluster("revoke ana")
    assert done.returncode == 0, done.stderr
    refused = manager.shell(ask, dask="ana")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"tls://{address}:8786" in refused.stderr
    assert manager.shell(ask).stdout.startswith("3 "), "all others stay"
    users = json.loads(manager.cluster("status --json").stdout)["users"]
    assert users == {"ana": "revoked"}


def test_a_node_that_leaves_the_inventory_is_cleared(manager):
    """Its worker, labels and volumes go by `remove-node`; brought back, it computes again."""
    node = manager.lab.nodes[2]
    whole = (manager.folder / "cluster.toml").read_text()
    done = manager.cluster(f"remove-node {node.address}")
    assert done.returncode == 0, done.stderr
    assert node.docker("ps", "--quiet") == ""
    assert node.docker("volume", "ls", "--quiet") == ""
    labels = ("node", "inspect", node.name, "--format", "{{json .Spec.Labels}}")
    assert json.loads(manager.lab.manager.docker(*labels)) == {}
    assert manager.cluster("plan").stdout == "nothing to do\n"
    (manager.folder / "cluster.toml").write_text(whole)
    done = manager.cluster("up")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(manager.cluster("status --json").stdout)["nodes"]) == 3


def test_a_scheduler_that_cannot_be_is_refused_before_anything_is_done(manager):
    """One line with the key."""
    inventory = manager.folder / "cluster.toml"
    whole = inventory.read_text()
    inventory.write_text(f'{whole}\n[scheduler]\nmemory = "900G"\n')
    done = manager.cluster("up")
    inventory.write_text(whole)
    assert done.returncode == 1
    assert done.stderr.startswith("error: scheduler.memory: 900G is more than the manager has")
    assert len(done.stderr.splitlines()) == 1


def test_down_leaves_nothing_behind_but_the_data(manager):
    """No service, secret, network or volume on any node, no configuration and no key here."""
    done = manager.shell(BLOCK.findall(PAGE.read_text())[-1])
    assert done.returncode == 0, done.stderr
    of_stack = ("--quiet", "--filter", "label=com.docker.stack.namespace=dask")
    for node in manager.lab.nodes:
        assert node.docker("ps", "--all", "--quiet") == ""
        assert node.docker("volume", "ls", "--quiet") == ""
        assert node.docker("network", "ls", *of_stack) == ""
    assert manager.lab.manager.docker("service", "ls", "--quiet") == ""
    assert secrets(manager.lab) == set()
    assert manager.lab.manager.docker("config", "ls", "--quiet") == ""
    assert not (manager.folder / "dask" / "dask-swarm.yaml").exists()
    assert not (manager.folder / "state").exists()
    assert (manager.lab.data / "sample.csv").exists()
    assert manager.cluster("down").stdout == "nothing to do\n"
