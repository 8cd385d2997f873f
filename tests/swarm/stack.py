"""The stack of this tree on the swarm of a lab, and a client's way into it."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from distributed import Client, Security

from cluster.local import credentials
from tests.pace import limit
from tests.swarm.lab import Lab, Node

ROOT = Path(__file__).resolve().parents[2]
NAME = "dask"
USER = "ana"
ALLOTMENT = {"cpus": 1, "memory": 2 << 30}
"""Of each worker: the nodes of a lab are one machine."""


@dataclass(frozen=True)
class Stack:
    """A deployed stack: its lab, the folder with the files of its certificates."""

    lab: Lab
    certificates: Path

    @property
    def address(self) -> str:
        return f"tls://{self.lab.manager.address}:8786"

    @property
    def dashboard(self) -> str:
        return f"https://{self.lab.manager.address}:8787"

    @property
    def login(self) -> tuple[str, str]:
        """The dashboard's user and password."""
        user, password = (self.certificates / credentials.DASHBOARD).read_text().split(":")
        return user, password

    @property
    def security(self) -> Security:
        return security(self.certificates)

    @property
    def environment(self) -> dict[str, str]:
        """The variables that let any Dask program find the cluster."""
        return {
            "DASK_SCHEDULER_ADDRESS": self.address,
            "DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "True",
            "DASK_DISTRIBUTED__COMM__TLS__CA_FILE": str(self.certificates / "ca.pem"),
            "DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT": str(self.certificates / "cert.pem"),
            "DASK_DISTRIBUTED__COMM__TLS__CLIENT__KEY": str(self.certificates / "key.pem"),
        }

    def client(self) -> Client:
        """A client of the scheduler, with a certificate."""
        return Client(self.address, security=self.security, timeout="60s", set_as_default=False)

    def label(self, *nodes: Node) -> None:
        """Make workers of nodes."""
        for node in nodes:
            self.lab.manager.docker("node", "update", "--label-add", "dask=worker", node.name)

    def unlabel(self, *nodes: Node) -> None:
        """Take the workers from nodes."""
        for node in nodes:
            self.lab.manager.docker("node", "update", "--label-rm", "dask", node.name)

    def connected(self) -> list[str]:
        """The names of the nodes whose workers the scheduler knows, sorted."""
        return sorted(name.partition("-")[0] for name in self.workers())

    def workers(self) -> list[str]:
        """The names of the workers that the scheduler knows: a node's, and part of a task's id."""
        with self.client() as client:
            workers = client.scheduler_info(n_workers=-1)["workers"].values()
        return sorted(worker["name"] for worker in workers)

    def container(self, service: str, node: Node) -> str:
        """The id of the running container of a service on a node; empty when there is none."""
        name = f"name=^{NAME}_{service}\\."
        return node.docker("ps", "--quiet", "--no-trunc", "--filter", name)


def security(certificates: Path) -> Security:
    """Dask's mutual TLS with the files of a folder."""
    cert, key = str(certificates / "cert.pem"), str(certificates / "key.pem")
    return Security(
        tls_ca_file=str(certificates / "ca.pem"),
        tls_client_cert=cert,
        tls_client_key=key,
        require_encryption=True,
    )


def issue(folder: Path, *names: str) -> Path:
    """A new authority, a certificate of it, and a login for the dashboard, as files in a folder."""
    credentials.make_authority(folder)
    credentials.write_revocations(folder)
    credentials.issue(folder, credentials.SERVICE, names)
    credentials.make_login(folder, USER)
    return folder


@contextmanager
def deployed(lab: Lab, image: str, workers: Sequence[Node]) -> Iterator[Stack]:
    """The stack on a bare swarm, with all its workers connected; the swarm is bare again after."""
    try:
        stack = Stack(lab, _prepare(lab))
        stack.label(*workers)
        variables = {
            "IMAGE": image,
            "DATA_DEVICE": str(lab.data),
            "DATA_PATH": str(lab.data),
            "RESULTS_DEVICE": str(lab.results),
            "RESULTS_PATH": str(lab.results),
            "WORKER_ALLOTMENTS": json.dumps({"default": ALLOTMENT}),
            "WORKER_MEMORY": str(ALLOTMENT["memory"]),
        }
        lab.manager.docker(
            "stack",
            "deploy",
            "--resolve-image",
            "never",
            "--compose-file",
            "stack.yml",
            NAME,
            cwd=ROOT,
            env={**os.environ, **variables},
        )
        with stack.client() as client:
            client.wait_for_workers(len(workers), timeout=limit())
        yield stack
    finally:
        lab.reset()


def _prepare(lab: Lab) -> Path:
    """Certificates, secrets and the sentinels of the share."""
    folder = issue(lab.folder / "certificates", lab.manager.address, "localhost")
    for secret, file in credentials.SECRET_FILES.items():
        lab.manager.docker("secret", "create", f"dask-swarm-{secret}", str(folder / file))
    for path in (lab.data, lab.results):
        (path / ".dask-swarm").write_text("lab\n")
    return folder
