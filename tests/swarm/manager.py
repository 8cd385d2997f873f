"""The machine on which a user works: a folder with an inventory, and a shell."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from tests.pace import limit
from tests.swarm.lab import Lab, Node

SECONDS = 900


@dataclass(frozen=True)
class Manager:
    """The machine on which a user works: a folder with an inventory, and a shell."""

    lab: Lab
    folder: Path
    programs: Path

    def describe(self, image: str = "", workers: int = 2) -> None:
        """Write the inventory of some workers; `image` is the content of its table."""
        listed = [
            f'[[workers]]\naddress = "{node.address}"\ndocker = "{node.docker_host}"\n'
            for node in self.lab.nodes[1 : 1 + workers]
        ]
        manager = (
            f'address = "{self.lab.manager.address}"\ndocker = "{self.lab.manager.docker_host}"'
        )
        text = f"""
            hosts = "ready"
            state = "{self.folder}/state"
            [manager]
            {manager}
            labels = {{ dask = "worker" }}
            {"".join(listed)}
            [share]
            provide = "folder"
            data = "{self.lab.data}"
            results = "{self.lab.results}"
            [image]
            {image}
            [worker]
            cpus = 1
            memory = "1G"
        """
        (self.folder / "cluster.toml").write_text(text)

    def shell(self, commands: str, dask: str = "dask") -> subprocess.CompletedProcess[str]:
        """Run commands as the page prints them, over the lab's share.

        `dask` is the folder of Dask's configuration.
        """
        commands = commands.replace("/mnt/shared", str(self.lab.data))
        path = os.pathsep.join([str(self.programs), os.environ["PATH"]])
        places = {"PATH": path, "DASK_CONFIG": f"{self.folder}/{dask}"}
        return subprocess.run(
            ["bash", "-euc", commands],
            cwd=self.folder,
            env={**os.environ, **places},
            capture_output=True,
            text=True,
            timeout=limit(SECONDS),
            check=False,
        )

    def cluster(self, command: str) -> subprocess.CompletedProcess[str]:
        return self.shell(f"python -m cluster {command}")

    def compute(self, commands: str) -> subprocess.CompletedProcess[str]:
        """Run commands that must succeed."""
        done = self.shell(commands)
        assert done.returncode == 0, done.stderr
        return done

    def program(self, text: str) -> str:
        """Run the text of a program that has a `client`; return what it prints."""
        first = "from distributed import Client\nclient = Client()\n"
        (self.folder / "program.py").write_text(first + dedent(text))
        return self.compute("python program.py").stdout

    def illnesses(self) -> dict[tuple[str, str], str]:
        """What the doctor finds: the advice by host and by what was looked at."""
        done = self.cluster("doctor --json")
        found = [line for line in json.loads(done.stdout) if not line["ok"]]
        assert done.returncode == (1 if found else 0)
        return {(line["host"], line["what"]): line["advice"] for line in found}


@contextmanager
def hidden(node: Node, path: Path) -> Iterator[None]:
    """A share that is not mounted on one node."""
    node.hide(path)
    try:
        yield
    finally:
        node.show(path)


def containers(lab: Lab) -> set[str]:
    return {line for node in lab.nodes for line in node.docker("ps", "--quiet").split()}


def secrets(lab: Lab) -> set[str]:
    return set(lab.manager.docker("secret", "ls", "--format", "{{.Name}}").split())


def container_of(lab: Lab, service: str) -> str:
    """The container that runs a service on the manager."""
    return lab.manager.docker("ps", "--quiet", "--filter", f"name={service}")


def tag(node: Node) -> str:
    """The tag of the image that the node's worker runs."""
    return node.docker("ps", "--format", "{{.Image}}", "--filter", "name=dask_worker").split(":")[1]
