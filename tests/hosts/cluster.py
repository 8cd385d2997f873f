"""A cluster on the lab's hosts: inventory, commands, and the job that runs on the manager."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.hosts.image import ACCOUNT
from tests.hosts.lab import Host, Lab
from tests.pace import limit
from tests.swarm.daemon import Daemon, daemon
from tests.swarm.image import CACHE, build

ROOT = Path(__file__).resolve().parents[2]
DATA = "/mnt/shared"
UP_SECONDS = 2400.0
JOB_SECONDS = 900.0
# The check of workers asks for Arrow's version, so what names it stays.
UNUSED = (
    *(
        f"/opt/venv/lib/python3*/site-packages/{name}"
        for name in ("bokeh*", "contourpy*", "narwhals*", "PIL", "pillow*", "pyarrow", "scipy*")
    ),
    "/usr/share/doc /usr/share/info /usr/share/locale /usr/share/man /usr/share/zoneinfo",
    "/usr/lib/x86_64-linux-gnu/gconv /usr/lib/x86_64-linux-gnu/perl* /var/lib/dpkg",
)
HEALTH = "--interval=30s --timeout=30s --retries=5"

# A host-file system shows the laptop's own project and interpreter at the same paths.
LEND = "sudo mkdir -p {0} && (sudo mountpoint -q {0} || sudo mount -t hostfs none {0} -o {0})"


@dataclass
class Cluster:
    """What the operator has: the lab, a folder with cluster.toml, and two commands."""

    lab: Lab
    folder: Path

    @property
    def inventory(self) -> Path:
        return self.folder / "cluster.toml"

    @property
    def manager(self) -> Host:
        return self.lab.hosts["manager"]

    @property
    def names(self) -> set[str]:
        """The hosts, on each of which a worker runs, the manager included."""
        return set(self.lab.hosts)

    @property
    def last(self) -> Host:
        """The host that reboots, leaves and comes back; never the manager."""
        return self.lab.hosts[max(self.names)]

    @property
    def environment(self) -> Mapping[str, str]:
        """Where Dask's configuration and the kernels that numba compiles are kept."""
        return {
            "DASK_CONFIG": str(self.folder / "dask"),
            "NUMBA_CACHE_DIR": str(self.folder / "kernels"),
        }

    def describe(self, image: str, builder: Daemon) -> None:
        """Write the inventory: the manager, which computes too, and the others as workers."""
        workers = [host.address for host in self.lab.hosts.values() if host != self.manager]
        self.inventory.write_text(
            f'state = "{self.folder}/state"\n'
            f'[manager]\naddress = "{self.manager.address}"\nuser = "{ACCOUNT}"\n'
            'labels = { dask = "worker" }\n'
            + "".join(
                f'[[workers]]\naddress = "{worker}"\nuser = "{ACCOUNT}"\n' for worker in workers
            )
            + '[worker]\nmemory = "900M"\n'
            f'[image]\nreference = "{image}"\nbuilder = "{builder.docker_host}"\n'
        )

    def try_do(self, *words: str, timeout: float = UP_SECONDS) -> subprocess.CompletedProcess[str]:
        """Run `python -m cluster` on the laptop."""
        command = ("-m", "cluster", "--inventory", str(self.inventory), *words)
        return self.lab.python(*command, timeout=timeout, env=self.environment)

    def do(self, *words: str) -> str:
        """Run `python -m cluster`, which must succeed; return what it printed."""
        done = self.try_do(*words)
        assert done.returncode == 0, f"cluster {' '.join(words)}\n{done.stdout}{done.stderr}"
        return done.stdout

    def lend(self) -> None:
        """Show this project and its interpreter to the manager, after each of its boots."""
        for folder in {sys.prefix, sys.base_prefix, str(ROOT), str(self.folder)}:
            self.manager.run(LEND.format(folder))

    def put(self, file: Path) -> None:
        """Copy a file of the operator's folder into the share's data, on the manager."""
        self.lend()
        self.manager.run(f"cp {file} {DATA}/", timeout=300)

    def gate(self, verb: str) -> str:
        """Close, wait for or open the gate before the cluster's next run, or ask who has read."""
        done = self.lab.python("-m", "tests.gate", verb, timeout=JOB_SECONDS, env=self.environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def job(self, file: str, partitions: int | None = None) -> subprocess.Popen[str]:
        """Start `python -m pipeline.run` on the manager; it prints the result as JSON."""
        parts = f"--partitions {partitions}" if partitions else ""
        variables = " ".join(f"{name}={value}" for name, value in self.environment.items())
        output = self.folder / "out"
        script = (
            f"cd {ROOT} && sudo env {variables} {sys.executable} -m pipeline.run {DATA}/{file} "
            f"{parts} --output {output} >&2 && cat {output}/results.json"
        )
        return subprocess.Popen(
            [*self.lab.inside, "ssh", f"{ACCOUNT}@{self.manager.address}", script],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def compute(self, file: str) -> str:
        """Run the job, which must succeed; return results.json."""
        return finish(self.job(file))

    def workers(self) -> set[str]:
        """The host names of the workers that are connected to the scheduler."""
        found: list[dict[str, Any]] = json.loads(self.do("status", "--json"))["nodes"]
        return {node["hostname"] for node in found if node["worker"]}


def finish(job: subprocess.Popen[str]) -> str:
    """Wait for a job, which must succeed; return what it printed."""
    printed, said = job.communicate(timeout=limit(JOB_SECONDS))
    assert job.returncode == 0, said
    return printed


def local(file: Path, folder: Path) -> str:
    """The same job on this machine alone; return results.json."""
    words = ("-m", "pipeline.run", str(file), "--workers", "2", "--output", str(folder))
    alone = {**os.environ, "DASK_CONFIG": str(folder / "none")}
    subprocess.run(
        [sys.executable, *words], check=True, timeout=limit(JOB_SECONDS), env=alone, cwd=ROOT
    )
    return (folder / "results.json").read_text()


@contextmanager
def laptop(folder: Path) -> Iterator[tuple[str, Daemon]]:
    """A Docker of the operator's own that has an image; yield the image's name and that Docker."""
    archive = folder / "image.tar"
    with daemon(CACHE / "builder") as builder:
        reference = lighten(builder, build(builder))
        builder.docker("save", "--output", str(archive), reference)
    with daemon(CACHE / "hosts-laptop") as own:
        own.docker("load", "--quiet", "--input", str(archive))
        archive.unlink()
        yield reference, own


def lighten(builder: Daemon, reference: str) -> str:
    """Make of this tree's image one of half its size, for hosts to which a byte takes long.

    It lacks what runs over CSV do without; everything else is as it was. (pandas stays: Dask tells
    its version, which must be that of this machine.)
    """
    unused = " ".join(UNUSED)
    light = f"{reference}-light-{sha256(unused.encode()).hexdigest()[:8]}"
    if builder.docker("images", "--quiet", light):
        return light
    root = ("--user", "0", "--network", "none", "--entrypoint", "sh")
    container = builder.docker("create", *root, reference, "-c", f"rm -rf {unused}")
    try:
        builder.docker("start", "--attach", container)
        tar = subprocess.Popen(
            ["docker", "--host", builder.docker_host, "export", container], stdout=subprocess.PIPE
        )
        changes = [word for line in recipe(builder, reference) for word in ("--change", line)]
        builder.docker("import", *changes, "-", light, stdin=tar.stdout)
        if tar.wait():
            raise RuntimeError(f"docker export of {reference} ended with code {tar.returncode}")
    finally:
        builder.docker("rm", "--force", container)
    return light


def recipe(builder: Daemon, reference: str) -> list[str]:
    """The lines of a Dockerfile that say how an image runs."""
    config = json.loads(builder.docker("inspect", reference, "--format", "{{json .Config}}"))
    return [
        *(f"ENV {variable}" for variable in config["Env"]),
        f"WORKDIR {config['WorkingDir']}",
        f"USER {config['User']}",
        f"ENTRYPOINT {json.dumps(config['Entrypoint'])}",
        f"CMD {json.dumps(config['Cmd'])}",
        f"HEALTHCHECK {HEALTH} {json.dumps(config['Healthcheck']['Test'])}".replace(
            '["CMD", ', "CMD ["
        ),
    ]
