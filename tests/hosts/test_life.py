"""From bare hosts to results, and on through what happens to machines, in that order.

The tests share one cluster, since `up` from bare hosts takes minutes here; each leaves it whole.
They come after those of the lab, which need the hosts bare.
"""

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shlex import quote

import pytest

from tests.hosts.cluster import DATA, Cluster, finish, laptop, local
from tests.hosts.image import ACCOUNT, NETWORK
from tests.hosts.lab import Lab
from tests.hosts.steps import (
    OLD_DOCKER,
    container_ids,
    forget_what_was_read,
    held_run,
    leaves,
    made,
    members,
    read_over_nfs,
    readers,
    without_nfs,
    workers,
)
from tests.pace import limit, until

pytestmark = pytest.mark.hosts

ROWS = 150_000
OUTAGE = 15.0
DEAF = 30.0  # more than one attempt to connect takes
STRANGER = f"{NETWORK}.99"


@pytest.fixture(scope="module")
def cluster(hosts: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The hosts with an inventory; the first test brings them up."""
    folder = tmp_path_factory.mktemp("operator")
    folder.chmod(0o755)  # the account on the manager reads there, too
    with laptop(folder) as (image, builder):
        made = Cluster(hosts, folder)
        made.describe(image, builder)
        yield made


@pytest.fixture(scope="module")
def sample(cluster: Cluster) -> Path:
    """A file as the reference user has."""
    return made(cluster, "sample.csv", ROWS)


@pytest.fixture(scope="module")
def truth(cluster: Cluster, sample: Path) -> str:
    """What LocalCluster says of that file, on this machine."""
    return local(sample, cluster.folder / "alone")


@pytest.mark.story
def test_plan_shows_every_step_and_touches_nothing(cluster: Cluster) -> None:
    """`plan` on bare hosts names packages, share and swarm; afterwards the hosts are as bare."""
    printed = cluster.do("plan")
    for words in ("install docker.io", "export the share to", "mount the share", "join the swarm"):
        assert words in printed
    for host in cluster.lab.hosts.values():
        assert host.try_run("command -v docker || ls /etc/exports.d").returncode != 0


def test_host_that_is_deaf_for_a_while_is_waited_for(cluster: Cluster) -> None:
    """A host under load may let one attempt to connect run out; the next one is answered."""
    host = cluster.lab.hosts["worker1"]
    with ThreadPoolExecutor() as pool:
        with host.frozen():
            planned = pool.submit(cluster.do, "plan")
            with pytest.raises(TimeoutError):
                planned.result(timeout=DEAF)
        assert "install docker.io" in planned.result()


def test_hosts_that_are_not_fit_are_named_before_anything_is_done(cluster: Cluster) -> None:
    """Old Docker, full disk, taken port: each one line with host, cause and remedy."""
    old, full = workers(cluster)
    old.run(f"echo {quote(OLD_DOCKER)} | sudo install --mode 755 /dev/stdin /usr/local/bin/docker")
    full.run("sudo fallocate --length 8G /var/filler")
    listen = "IO::Socket::INET->new(LocalPort => 7946, Listen => 1)->accept"
    full.run(f"sudo systemd-run --unit=squatter perl -MIO::Socket -e '{listen}'")
    until(lambda: "7946" in full.run("ss -ltn"), "the port is taken")
    try:
        done = cluster.try_do("up")
    finally:
        old.run("sudo rm /usr/local/bin/docker")
        full.run("sudo rm /var/filler; sync; sudo systemctl stop squatter")
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(lines) == 3, done.stderr
    assert lines[0] == (
        f"error: {old.address}: Docker 19.03.15 is too old; "
        "upgrade it to 20.10 or newer, or remove it and let up install the distribution's"
    )
    assert f"error: {full.address}: " in lines[1]
    assert "are free under /var/lib; free at least" in lines[1]
    assert "port 7946, needed for the swarm's gossip, is used by perl; stop perl" in lines[2]
    for host in cluster.lab.hosts.values():
        assert host.try_run("command -v docker").returncode != 0


def test_host_without_sudo_and_host_that_is_off_are_named(cluster: Cluster) -> None:
    """What cannot be worked on is said of each host in one line."""
    alone, off = workers(cluster)
    # A password that nothing matches: the hosts' sshd lets nobody in whose account has none.
    alone.run("sudo useradd --create-home --password '*' plain")
    alone.run("sudo cp -r ~/.ssh /home/plain/ && sudo chown -R plain: /home/plain/.ssh")
    written = cluster.inventory.read_text()
    theirs = f'address = "{alone.address}"\nuser = '
    cluster.inventory.write_text(written.replace(f'{theirs}"{ACCOUNT}"', f'{theirs}"plain"'))
    off.power_off()
    try:
        done = cluster.try_do("up")
    finally:
        cluster.inventory.write_text(written)
        off.power_on()
        off.wait_until_up()
    lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(lines) == 2, done.stderr
    assert (
        f"{alone.address}: plain has no sudo without a password; on the host, as root:" in lines[0]
    )
    assert f"{off.address}: cannot be reached over SSH" in lines[1]


@pytest.mark.story
def test_one_command_each_from_bare_hosts_to_the_first_result(
    cluster: Cluster, sample: Path, truth: str
) -> None:
    """The result is LocalCluster's to the byte, and the NFS server has sent its part of the file.

    How long this test takes is how long a user waits.
    """
    done = cluster.try_do("up")
    assert done.returncode == 0, done.stderr
    assert "SWMTKN-" not in done.stdout + done.stderr
    assert cluster.workers() == cluster.names
    cluster.put(sample)
    before = read_over_nfs(cluster)
    assert cluster.compute(sample.name) == truth
    assert read_over_nfs(cluster) > before


@pytest.mark.story
def test_second_up_changes_nothing(cluster: Cluster) -> None:
    """Nothing is left to do, and no container is restarted."""
    before = container_ids(cluster)
    assert cluster.do("up").startswith("nothing to do")
    assert container_ids(cluster) == before


def test_doctor_finds_nothing_wrong(cluster: Cluster) -> None:
    """Every check of hosts, share, swarm and stack is ok."""
    checks = json.loads(cluster.do("doctor", "--json"))
    assert checks
    assert all(check["ok"] for check in checks)


def test_export_is_for_the_nodes_alone(cluster: Cluster) -> None:
    """From an address that is no node's the export cannot be mounted."""
    worker, server = cluster.lab.hosts["worker1"], cluster.manager.address
    # Another minor version, since a mount of the same one would share the node's connection.
    mount = (
        "sudo mkdir -p /tmp/m && sudo timeout 60 mount -t nfs -o nfsvers=4.1,retry=0 "
        f"{server}:/srv/dask-swarm/data /tmp/m && sudo umount /tmp/m"
    )
    route = f"sudo ip route replace {server} dev eth0 src"
    assert worker.try_run(mount, timeout=90).returncode == 0
    worker.run(f"sudo ip address add {STRANGER}/24 dev eth0 && {route} {STRANGER}")
    try:
        refused = worker.try_run(mount, timeout=90)
    finally:
        worker.run(f"sudo ip route del {server}; sudo ip address del {STRANGER}/24 dev eth0")
    assert refused.returncode != 0
    assert "access denied" in refused.stderr


@pytest.mark.story
def test_rebooted_worker_works_again_without_help(
    cluster: Cluster, sample: Path, truth: str
) -> None:
    """After a reboot a worker's host has the share, its membership and its worker again."""
    worker = cluster.last
    worker.reboot()
    until(lambda: cluster.workers() == cluster.names, "the worker connects again")
    assert worker.run(f"cat {DATA}/.dask-swarm") == "dask\n"
    assert cluster.compute(sample.name) == truth


@pytest.mark.story
def test_removed_worker_is_missed_by_no_run(cluster: Cluster, sample: Path, truth: str) -> None:
    """`remove-node` during a run leaves its result right, and nothing of the node in the swarm."""
    worker = cluster.last
    with held_run(cluster, sample) as job, ThreadPoolExecutor() as pool:
        removal = pool.submit(cluster.do, "remove-node", worker.address)
        until(lambda: leaves(cluster, worker), "the node is drained")
        cluster.gate("open")
        assert finish(job) == truth
        removal.result()
    assert cluster.workers() == cluster.names - {worker.name}
    assert worker.try_run(f"mountpoint {DATA}").returncode != 0
    assert worker.address not in cluster.manager.run("cat /etc/exports.d/dask-swarm.exports")
    assert members(cluster) == cluster.names - {worker.name}


@pytest.mark.story
def test_added_worker_takes_part_in_the_run_under_way(
    cluster: Cluster, sample: Path, truth: str
) -> None:
    """`add-node` brings a host into swarm, share and inventory; its worker takes tasks at once."""
    worker = cluster.last
    with held_run(cluster, sample) as job:
        cluster.do("add-node", worker.address, "--user", ACCOUNT)
        until(lambda: worker.name in readers(cluster), "partitions read by the new worker")
        cluster.gate("open")
        assert finish(job) == truth
    assert cluster.workers() == cluster.names


def test_up_goes_on_after_a_failed_add_node(cluster: Cluster, sample: Path, truth: str) -> None:
    """The line names host, cause and remedy; the others work on; `up` does what is left to do."""
    worker = cluster.last
    cluster.do("remove-node", worker.address)
    worker.run(f"sudo ip route add prohibit {cluster.manager.address}")
    try:
        failed = cluster.try_do("add-node", worker.address, "--user", ACCOUNT)
    finally:
        worker.run(f"sudo ip route del prohibit {cluster.manager.address}")
    (line,) = (line for line in failed.stderr.splitlines() if line.startswith("error: "))
    assert line.startswith(f"error: {worker.address}: {DATA} is not the share of ")
    assert "its file .dask-swarm cannot be read" in line
    assert members(cluster) == cluster.names - {worker.name}
    assert cluster.compute(sample.name) == truth
    see = f"timeout 20 cat {DATA}/.dask-swarm"
    until(lambda: worker.try_run(see).returncode == 0, "the share can be mounted")
    cluster.do("up")
    assert cluster.workers() == cluster.names


def test_run_waits_for_an_nfs_server_that_comes_back(
    cluster: Cluster, sample: Path, truth: str
) -> None:
    """The server stops in the middle of a run and starts again: the run ends right."""
    with held_run(cluster, sample) as job:
        forget_what_was_read(*workers(cluster))
        with without_nfs(cluster):
            cluster.gate("open")
            with pytest.raises(subprocess.TimeoutExpired):
                job.communicate(timeout=OUTAGE)
        assert finish(job) == truth


def test_run_ends_when_the_nfs_server_stays_away(
    cluster: Cluster, sample: Path, truth: str
) -> None:
    """There is an error that names the share and a node; the next run works."""
    with held_run(cluster, sample) as job:
        forget_what_was_read(*workers(cluster))
        with without_nfs(cluster):
            cluster.gate("open")
            _, said = job.communicate(timeout=limit())
    assert job.returncode == 1
    assert f"s for {DATA}/{sample.name}; does the server of this share run?" in said
    assert "error: node worker" in said
    assert cluster.compute(sample.name) == truth


def test_rebooted_manager_brings_all_back(cluster: Cluster, sample: Path, truth: str) -> None:
    """After the manager's reboot the share, the swarm and the workers are there again."""
    cluster.manager.reboot()
    until(lambda: cluster.workers() == cluster.names, "all workers connect again")
    cluster.lend()
    assert cluster.compute(sample.name) == truth


@pytest.mark.story
def test_down_all_returns_the_hosts_and_keeps_the_data(cluster: Cluster, sample: Path) -> None:
    """Afterwards there is no swarm, mount, export or membership; the file is still there."""
    cluster.do("down", "--all")
    for host in cluster.lab.hosts.values():
        assert host.run("sudo docker info --format '{{.Swarm.LocalNodeState}}'") == "inactive\n"
        assert "docker" not in host.run("id -nG ops").split()
        assert host.try_run(f"mountpoint {DATA}").returncode != 0
        left = "/etc/exports.d/dask* /etc/systemd/system/mnt-* /mnt/* /var/lib/dask-swarm"
        assert host.try_run(f"ls {left}").stdout == ""
    size = cluster.manager.run(f"stat --format %s /srv/dask-swarm/data/{sample.name}")
    assert int(size) == sample.stat().st_size
    assert cluster.do("down", "--all").strip() == "nothing to do"
