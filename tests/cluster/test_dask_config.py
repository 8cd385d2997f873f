"""The Dask configuration file: what Dask itself reads from it, and whose it is."""

import dask.config

from cluster.local import dask_config
from tests.cluster.facts import inventory


def test_dask_finds_the_scheduler_and_the_clients_certificate_in_it(tmp_path):
    """So that Client() needs no argument."""
    path = tmp_path / "dask" / dask_config.FILE_NAME
    assert dask_config.read(path) is None
    dask_config.write(path, dask_config.text(inventory()))
    assert dask_config.read(path) == dask_config.text(inventory())
    (found,) = dask.config.collect_yaml([str(path.parent)])
    assert found["scheduler-address"] == "tls://10.0.0.10:8786"
    comm = found["distributed"]["comm"]
    assert comm["require-encryption"] is True
    assert comm["tls"]["client"]["key"] == "/state/client-key.pem"
    dask_config.remove(path)
    dask_config.remove(path)
    assert dask_config.read(path) is None


def test_a_file_of_another_cluster_is_not_ours():
    """`down` removes only the file of its own cluster."""
    ours = dask_config.text(inventory())
    assert dask_config.belongs_to(inventory(), ours)
    assert not dask_config.belongs_to(inventory(name="das"), ours)
    assert not dask_config.belongs_to(inventory(), None)
