"""The Dask configuration file: what Dask itself reads from it, and whose it is."""

import dask.config

from cluster import daskconfig
from tests.cluster.facts import inventory


def test_dask_finds_the_scheduler_and_the_clients_certificate_in_it(tmp_path, monkeypatch):
    """So that Client() needs no argument."""
    monkeypatch.setattr(dask.config, "PATH", str(tmp_path / "dask"))
    assert daskconfig.read() is None
    daskconfig.write(daskconfig.text(inventory()))
    assert daskconfig.read() == daskconfig.text(inventory())
    (found,) = dask.config.collect_yaml([str(tmp_path / "dask")])
    assert found["scheduler-address"] == "tls://10.0.0.10:8786"
    comm = found["distributed"]["comm"]
    assert comm["require-encryption"] is True
    assert comm["tls"]["client"]["key"] == "/state/client-key.pem"
    daskconfig.remove()
    daskconfig.remove()
    assert daskconfig.read() is None


def test_a_file_of_another_cluster_is_not_ours():
    """`down` removes only the file of its own cluster."""
    ours = daskconfig.text(inventory())
    assert daskconfig.belongs_to(inventory(), ours)
    assert not daskconfig.belongs_to(inventory(name="das"), ours)
    assert not daskconfig.belongs_to(inventory(), None)
