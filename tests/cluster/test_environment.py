"""`cluster env`: an environment with the versions of the image, no more and no less."""

import subprocess
from importlib.metadata import Distribution
from pathlib import Path

import pytest

from cluster import environment, own_package
from cluster.errors import ClusterError
from tests.cluster.package_index import Index, index, wheel

INVENTORY = """
hosts = "ready"
manager = {{ address = "a" }}
workers = [{{ address = "b" }}]
image = {{ packages = {packages} }}
"""

__all__ = ["index"]


@pytest.fixture
def project(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    """A project that is one wheel, and has one package in its locks; others can be added."""
    recipe = tmp_path / "recipe"
    own = wheel(recipe, "dask_swarm", "0.1.0")
    base = index.add("base", "1.0")
    for name in ("requirements.lock", "requirements-hosts.lock"):
        (recipe / name).write_text(index.lock(base))
    for module in (environment, own_package):
        monkeypatch.setattr(module, "BESIDE" if module is own_package else "RECIPE", recipe)
    monkeypatch.setattr("cluster.stack.libraries.RECIPE", recipe)
    monkeypatch.setattr(environment, "requirement", lambda _: str(own))
    index.add("rain", "1.0", "base")
    return index


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    """An inventory that adds nothing."""
    (tmp_path / "my.toml").write_text(INVENTORY.format(packages=[]))
    return tmp_path / "my.toml"


def installed(folder: Path) -> dict[str, str]:
    """Which packages an environment has, with their versions."""
    seen = "from importlib.metadata import distributions as d\n"
    seen += "print(*(f'{one.name}=={one.version}' for one in d()))"
    done = subprocess.run(
        [folder / "bin" / "python", "-c", seen], capture_output=True, text=True, check=True
    )
    return dict(one.split("==") for one in done.stdout.split())


@pytest.mark.usefixtures("project")
def test_an_environment_follows_the_inventory_and_changes_no_more_than_that(toml, tmp_path):
    """What is added comes, what is taken back goes, and what was installed by hand, too."""
    folder, told = tmp_path / "venv", []
    assert environment.make(toml, folder, told.append) == 2
    assert installed(folder) == {"base": "1.0", "dask_swarm": "0.1.0"}
    assert environment.make(toml, folder, told.append) == 0
    toml.write_text(INVENTORY.format(packages=["rain"]))
    assert environment.make(toml, folder, told.append) == 1
    assert installed(folder) == {"base": "1.0", "dask_swarm": "0.1.0", "rain": "1.0"}
    assert (tmp_path / "my.lock").is_file()
    toml.write_text(INVENTORY.format(packages=[]))
    assert environment.make(toml, folder, told.append) == 1
    assert installed(folder) == {"base": "1.0", "dask_swarm": "0.1.0"}
    assert not (tmp_path / "my.lock").exists()
    assert [line for line in told if line.startswith("making")] == told[:1]


@pytest.mark.usefixtures("project")
def test_without_an_inventory_the_lock_in_its_place_is_enough(toml, tmp_path):
    """As for somebody who was invited."""
    toml.write_text(INVENTORY.format(packages=["rain"]))
    environment.make(toml, tmp_path / "mine", print)
    toml.unlink()
    told: list[str] = []
    environment.make(toml, tmp_path / "venv", told.append)
    assert installed(tmp_path / "venv") == installed(tmp_path / "mine")
    assert told[0] == (
        f"there is no {toml}; libraries beside the project's own: those of {tmp_path}/my.lock"
    )


@pytest.mark.usefixtures("project")
def test_an_environment_of_another_python_is_made_anew(toml, tmp_path):
    """Its packages were for that one."""
    folder = tmp_path / "venv"
    environment.make(toml, folder, print)
    configuration = folder / "pyvenv.cfg"
    configuration.write_text(
        configuration.read_text().replace("version_info = 3", "version_info = 2")
    )
    (folder / "lib" / "old").mkdir()
    assert environment.make(toml, folder, print) == 2
    assert not (folder / "lib" / "old").exists()


@pytest.mark.usefixtures("project")
def test_a_folder_that_is_something_else_is_left_as_it_is(toml, tmp_path):
    """With files of somebody's."""
    folder = tmp_path / "venv"
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine")
    with pytest.raises(ClusterError, match=r"venv is there and was not made by `cluster env`"):
        environment.make(toml, folder, print)
    assert [path.name for path in folder.iterdir()] == ["thesis.txt"]


@pytest.mark.usefixtures("project")
def test_what_cannot_be_had_is_refused_before_anything_is_made(toml, tmp_path):
    """In the sentences of `plan`."""
    toml.write_text(INVENTORY.format(packages=["wind"]))
    with pytest.raises(ClusterError, match="wind was not found"):
        environment.make(toml, tmp_path / "venv", print)
    assert not (tmp_path / "venv").exists()


@pytest.mark.usefixtures("project")
def test_what_is_installed_becomes_the_wheel_that_it_was(toml, tmp_path, monkeypatch):
    """Byte by byte the same each time; uv takes it, and it holds no more than the wheel did."""
    environment.make(toml, tmp_path / "venv", print)
    (info,) = (tmp_path / "venv").glob("lib/python*/site-packages/dask_swarm-*.dist-info")
    monkeypatch.setattr(own_package, "distribution", lambda _: Distribution.at(info))
    (info.parent / "dask_swarm.py").chmod(0o755)
    path = Path(own_package.requirement(tmp_path))
    assert path.name == "dask_swarm-0.1.0-py3-none-any.whl"
    before = path.stat().st_mtime_ns
    assert own_package.requirement(tmp_path) == str(path)
    assert path.stat().st_mtime_ns == before
    monkeypatch.setattr(environment, "requirement", lambda _: str(path))
    environment.make(toml, tmp_path / "again", print)
    names = [
        sorted(one.name for one in (tmp_path / name).glob("lib/python*/site-packages/dask_swarm*"))
        for name in ("venv", "again")
    ]
    assert names[0] == names[1]
    assert installed(tmp_path / "again") == installed(tmp_path / "venv")
    (script,) = (tmp_path / "again").glob("lib/python*/site-packages/dask_swarm.py")
    assert script.stat().st_mode & 0o111, "what can be run stays so"


def test_a_checkout_is_installed_as_it_lies():
    """So that what is changed in it counts."""
    assert own_package.requirement(Path("venv")) == f"-e {Path(__file__).parents[2]}"
