"""The cluster as an object of Dask's: it connects, says where, and ends nothing."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from distributed import Client, LocalCluster, Security

from cluster import SwarmCluster, lifecycle
from cluster.errors import ClusterError
from cluster.lifecycle import Readers
from cluster.local import credentials
from cluster.local.credentials import CLIENT, SERVICE
from cluster.stack.stages.labels import LabelNode
from tests.cluster import facts
from tests.cluster.facts import converged


@contextmanager
def only() -> Iterator[None]:
    """Nobody else is there."""
    yield


def describe(folder: Path, port: int) -> Path:
    """Write the inventory of a cluster on this machine whose scheduler listens at a port."""
    path = folder / "cluster.toml"
    path.write_text(
        f'state = "{folder}/state"\n[manager]\naddress = "127.0.0.1"\n'
        f'labels = {{ dask = "worker" }}\n[scheduler]\nport = {port}\n'
    )
    return path


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """The keys of a cluster."""
    folder = tmp_path / "state"
    credentials.make_authority(folder)
    credentials.issue(folder, SERVICE, {"127.0.0.1"})
    credentials.issue(folder, CLIENT, ())
    return folder


def test_a_cluster_that_is_up_is_connected_to_and_left_up(tmp_path, keys):
    """Twice in a row; where it is comes from the inventory."""
    security = Security(
        tls_ca_file=str(keys / "ca.pem"),
        tls_scheduler_cert=str(keys / "cert.pem"),
        tls_scheduler_key=str(keys / "key.pem"),
        tls_client_cert=str(keys / "client.pem"),
        tls_client_key=str(keys / "client-key.pem"),
        require_encryption=True,
    )
    with LocalCluster(
        n_workers=0, processes=False, security=security, dashboard_address="127.0.0.1:0"
    ) as served:
        inventory = describe(tmp_path, served.scheduler.port)
        for _ in range(2):
            with SwarmCluster(inventory) as cluster, Client(cluster) as client:
                assert client.scheduler.address == served.scheduler_address
                assert cluster.dashboard_link == "https://127.0.0.1:8787/status"
                assert "SwarmCluster" in cluster._repr_html_()
                with pytest.raises(NotImplementedError, match="fixed"):
                    cluster.adapt()


@pytest.mark.usefixtures("keys")
def test_a_cluster_that_does_not_answer_is_an_error_with_the_remedy(tmp_path):
    """A port where nothing listens: nothing may, while it is bound here."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        with pytest.raises(ClusterError, match=rf"tls://127.0.0.1:{port} does not .*up=True"):
            SwarmCluster(describe(tmp_path, port))


def test_scaling_labels_the_first_nodes_and_takes_the_label_off_the_others(tmp_path):
    """Until the next `up`, whose plan puts it back."""
    wanted = facts.inventory(state=str(tmp_path))
    found = converged(wanted)
    read = Readers(stack=lambda _: found, alone=lambda _: only())
    steps = []

    def note(step):
        steps.append(step)
        raise ClusterError("enough")

    with pytest.raises(ClusterError, match="enough"):
        lifecycle.scale(wanted, 1, note, read)
    assert [step.action for step in steps] == [LabelNode("unix:///m.sock", "id2", (), ("dask",))]
    lifecycle.scale(wanted, 2, note, read)
    assert len(steps) == 1
    with pytest.raises(ValueError, match="2 nodes that work, not 3"):
        lifecycle.scale(wanted, 3, note, read)
