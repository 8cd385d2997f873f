"""What the tests see of a cluster on the lab's hosts, and what they do to it."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import gate
from tests.hosts.cluster import Cluster
from tests.hosts.lab import Host

# No mirror has an engine that old, so a script answers as one would.
OLD_DOCKER = """\
#!/bin/sh
test "$1" = system || exit 1
echo '{"ServerVersion": "19.03.15", "Name": "worker1", "Swarm":
       {"LocalNodeState": "inactive", "NodeID": "", "ControlAvailable": false}}'
"""


def made(cluster: Cluster, name: str, rows: int) -> Path:
    """Make a file on the operator's laptop."""
    path = cluster.folder / name
    words = ("-m", "pipeline.sample", str(path), "--rows", str(rows))
    assert cluster.lab.python(*words, timeout=300).returncode == 0
    return path


def read_over_nfs(cluster: Cluster) -> int:
    """Bytes that the kernel's NFS server has sent since its host booted."""
    table = cluster.manager.run("cat /proc/net/rpc/nfsd")
    (line,) = (line for line in table.splitlines() if line.startswith("io "))
    return int(line.split()[1])


def workers(cluster: Cluster) -> tuple[Host, Host]:
    """The hosts but the manager."""
    return cluster.lab.hosts["worker1"], cluster.lab.hosts["worker2"]


def members(cluster: Cluster) -> set[str]:
    """The host names of the swarm's nodes."""
    return set(cluster.manager.run("sudo docker node ls --format '{{.Hostname}}'").split())


def container_ids(cluster: Cluster) -> dict[str, set[str]]:
    """The containers that run on each host."""
    hosts = cluster.lab.hosts.items()
    return {name: set(host.run("sudo docker ps --quiet").split()) for name, host in hosts}


@contextmanager
def held_run(cluster: Cluster, sample: Path) -> Iterator[subprocess.Popen[str]]:
    """A run that has read one partition, and waits to be let go on with the others."""
    cluster.gate("close")
    job = cluster.job(sample.name, partitions=gate.PARTITIONS)
    try:
        cluster.gate("wait")
        yield job
    finally:
        job.kill()
        cluster.gate("open")


def leaves(cluster: Cluster, worker: Host) -> bool:
    """Whether the swarm gives a node nothing more to do."""
    shown = cluster.manager.run("sudo docker node ls --format '{{.Hostname}} {{.Availability}}'")
    return f"{worker.name} Drain" in shown or worker.name not in shown


def readers(cluster: Cluster) -> set[str]:
    """The hosts whose workers have read a partition of the run."""
    names: list[str] = json.loads(cluster.gate("readers"))
    return {name.partition("-")[0] for name in names}


@contextmanager
def without_nfs(cluster: Cluster) -> Iterator[None]:
    """Stop the NFS server for as long as the block takes."""
    cluster.manager.run("sudo systemctl stop nfs-server")
    try:
        yield
    finally:
        cluster.manager.run("sudo systemctl start nfs-server")


def forget_what_was_read(*hosts: Host) -> None:
    """Empty the kernels' caches: what is read from now on comes from the server.

    That needs the server: it waits for what is under way there.
    """
    for host in hosts:
        host.run("echo 3 | sudo tee /proc/sys/vm/drop_caches")
