"""What people compute on the cluster beside this project's own runs, with libraries of their own.

The programs run in the environment that `python -m cluster env` makes.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import nbclient
import nbformat
import pandas as pd
import pytest

from tests.pace import limit
from tests.swarm.base import base
from tests.swarm.daemon import daemon
from tests.swarm.image import BUILDER
from tests.swarm.lab import Lab
from tests.swarm.manager import Manager

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = "uncertainties"
ROWS = 20_000


@pytest.fixture(scope="module")
def manager(
    lab: Lab, programs: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Manager]:
    """The machine of a cluster that has one more library, in an environment that has it too."""
    bare = Manager(lab, tmp_path_factory.mktemp("programs"), programs)
    try:
        with daemon(BUILDER) as builder:
            basis = f'base = "{base(builder)}"\nbuilder = "{builder.docker_host}"'
            bare.describe(f'{basis}\npackages = ["{LIBRARY}"]')
            done = bare.shell("python -m cluster up && python -m cluster env")
        assert done.returncode == 0, done.stderr
        made = Manager(lab, bare.folder, bare.folder / "venv" / "bin")
        made.compute(f"python -m pipeline.sample /mnt/shared/sample.csv --rows {ROWS}")
        yield made
    finally:
        lab.reset()


def test_the_inventorys_library_is_locked_once_for_image_and_client(manager):
    """The lock lies beside the inventory, and a second `env` changes nothing."""
    lock = (manager.folder / "cluster.lock").read_text()
    assert f"{LIBRARY}==" in lock
    assert "pandas==" not in lock, "what the project has is not locked again"
    done = manager.cluster("env")
    assert done.stdout.startswith("no packages changed; use it with: . venv"), done.stderr


def test_a_future_uses_the_library_on_every_worker(manager):
    """In the version that the client has."""
    seen = manager.program(f"""
        from importlib.metadata import version
        from {LIBRARY} import ufloat
        print(client.submit(lambda: ufloat(1, 0.3) + ufloat(2, 0.4)).result())
        print(set(client.run(version, "{LIBRARY}").values()) == {{version("{LIBRARY}")}})
        print(len(client.run(version, "{LIBRARY}")))
    """)
    assert seen == "3.0+/-0.5\nTrue\n3\n"


def test_a_module_of_ones_own_goes_to_the_workers(manager):
    """Although their file system is read-only; what they compute is sent back as objects of it."""
    (manager.folder / "rain.py").write_text(
        "from dataclasses import dataclass\n\n\n"
        "@dataclass(frozen=True)\nclass Depth:\n    mm: float\n\n\n"
        "def doubled(depth):\n    return Depth(2 * depth.mm)\n"
    )
    seen = manager.program("""
        import rain
        client.upload_file("rain.py")
        print(client.gather(client.map(rain.doubled, [rain.Depth(1.5), rain.Depth(4)])))
        print(set(client.run(lambda: __import__("rain").__file__.startswith("/spill")).values()))
    """)
    assert seen == "[Depth(mm=3.0), Depth(mm=8)]\n{True}\n"


def test_a_conversion_and_a_run_over_it_give_the_bytes_of_the_csv(manager):
    """Both on the cluster."""
    done = manager.compute("""
        python -m pipeline.convert /mnt/shared/sample.csv /mnt/shared/sample.parquet
        python -m pipeline.run /mnt/shared/sample.csv --output csv
        python -m pipeline.run /mnt/shared/sample.parquet --output parquet
        cmp csv/combined_results.csv parquet/combined_results.csv
    """)
    dashboard = f"dashboard: https://{manager.lab.manager.address}:8787/status"
    assert done.stderr.count(dashboard) == 3, done.stderr
    of_csv, of_parquet = (
        json.loads((manager.folder / name / "results.json").read_text())
        for name in ("csv", "parquet")
    )
    assert of_csv.pop("source") != of_parquet.pop("source")
    assert of_csv == of_parquet


def test_a_data_frame_is_read_from_the_share_grouped_and_written_to_it(manager):
    """By the workers, who need a folder that they may write into."""
    means = manager.lab.results / "means"
    manager.program(f"""
        import dask.dataframe as dd
        import os
        columns = {{"CodigoEstacion": "string", "ValorObservado": "float64"}}
        file = "{manager.lab.data}/sample.csv"
        table = dd.read_csv(file, usecols=list(columns), dtype=columns, na_values="<nil>")
        means = table.groupby("CodigoEstacion").mean()
        os.mkdir("{means}")
        os.chmod("{means}", 0o777)
        means.to_parquet("{means}")
    """)
    table = pd.read_csv(
        manager.lab.data / "sample.csv",
        usecols=["CodigoEstacion", "ValorObservado"],
        dtype={"CodigoEstacion": "string"},
        na_values="<nil>",
    )
    wanted = table.groupby("CodigoEstacion").mean()
    found = pd.read_parquet(means).sort_index()
    pd.testing.assert_frame_equal(found, wanted, check_index_type=False)


def test_an_array_is_computed_on_the_workers(manager):
    """As on this machine."""
    seen = manager.program("""
        import dask.array as da
        values = da.random.default_rng(7).normal(size=(2000, 2000), chunks=(500, 500))
        spread = (values @ values.T).std(axis=0).mean()
        print(abs(spread.compute() / spread.compute(scheduler="threads") - 1) < 1e-12)
    """)
    assert seen == "True\n"


def test_a_notebook_shows_the_cluster_and_computes_on_it(manager, monkeypatch):
    """The cluster as Dask shows any, and a result as a table."""
    cells = [
        "from cluster import SwarmCluster\nfrom distributed import Client\nimport pipeline",
        'cluster = SwarmCluster("cluster.toml")\nclient = Client(cluster)\ncluster',
        f'pipeline.describe("{manager.lab.data}/sample.csv", client=client)',
        "client.close()\ncluster.close()",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    monkeypatch.setenv("DASK_CONFIG", str(manager.folder / "dask"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    nbclient.NotebookClient(
        notebook,
        timeout=int(limit()),
        kernel_name="python3",
        resources={"metadata": {"path": str(manager.folder)}},
    ).execute()
    _, cluster, result, _ = ["".join(map(shown, cell.outputs)) for cell in notebook.cells]
    assert f"https://{manager.lab.manager.address}:8787/status" in cluster
    assert "<strong>Workers:</strong> 3" in cluster
    assert "<table" in result
    assert "moving variance" in result


def shown(output: nbformat.NotebookNode) -> str:
    """What a cell shows as a page."""
    return output.get("data", {}).get("text/html", "")
