"""The stack of this tree on the swarm of a lab, and a client's way into it."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme
from distributed import Client, Security

from tests.swarm.lab import Lab, Node

ROOT = Path(__file__).resolve().parents[2]
NAME = "dask"
CREDENTIALS = ("ana", "a password of this test")
STARTING = 120.0


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
    def security(self) -> Security:
        return security(self.certificates)

    def client(self) -> Client:
        """A client of the scheduler, with a certificate."""
        return Client(self.address, security=self.security, timeout="60s", set_as_default=False)

    def label(self, *nodes: Node) -> None:
        """Make workers of nodes."""
        for node in nodes:
            self.lab.manager.docker("node", "update", "--label-add", "dask=worker", node.name)

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
    """A new certificate authority, and one certificate of it, as files in a new folder."""
    authority = trustme.CA()
    certificate = authority.issue_cert(*names)
    folder.mkdir()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    certificate.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
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
            client.wait_for_workers(len(workers), timeout=STARTING)
        yield stack
    finally:
        lab.reset()


def _prepare(lab: Lab) -> Path:
    """Certificates, secrets and the sentinels of the share."""
    folder = lab.folder / "certificates"
    if not folder.exists():
        issue(folder, lab.manager.address, "localhost")
        (folder / "dashboard").write_text(":".join(CREDENTIALS))
    files = {"ca": "ca.pem", "cert": "cert.pem", "key": "key.pem", "dashboard": "dashboard"}
    for secret, file in files.items():
        lab.manager.docker("secret", "create", f"dask-swarm-{secret}", str(folder / file))
    for path in (lab.data, lab.results):
        (path / ".dask-swarm").write_text("lab\n")
    return folder
