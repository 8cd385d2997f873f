"""What an inventory adds is locked once, beside the project's own versions, which never move."""

import re
import sys
import tomllib
from pathlib import Path

import pytest

from cluster import lifecycle
from cluster.apply import apply
from cluster.errors import ClusterError
from cluster.inventory import Inventory, parse
from cluster.plan import Plan
from cluster.requirements import OLDEST_PYTHON
from cluster.stack.libraries import NONE, Libraries, read_libraries
from cluster.stack.source import LIBRARIES, copy_context, read_source
from cluster.stack.stages.image import BuildImage
from cluster.stack.stages.library_lock import lock_stage
from tests.cluster import facts
from tests.cluster.package_index import Index, index

ROOT = Path(__file__).parents[2]
NUMPY = re.search(r"^numpy==([^ ;]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)[1]

__all__ = ["index"]


@pytest.fixture
def rain(index: Index) -> Index:
    """An index with a library that needs another one and NumPy."""
    index.add("numpy", NUMPY)
    index.add("clouds", "1.0")
    index.add("rain", "1.0", "clouds", "numpy>=1")
    return index


def inventory(folder: Path, **image: object) -> Inventory:
    """An inventory in a folder, with such a table for its image."""
    wanted = {"manager": {"address": "a"}, "workers": [{"address": "b"}], "image": image}
    return parse({"hosts": "ready", "state": str(folder / "state"), **wanted}, f"{folder}/my.toml")


def locked(wanted: Inventory) -> Libraries:
    """The libraries of an inventory, once their lock is written."""
    found = read_libraries(wanted)
    assert found.refusal == ""
    apply(Plan.of(lock_stage(found)), lambda _: None)
    return read_libraries(wanted)


@pytest.mark.usefixtures("rain")
def test_the_lock_has_what_is_added_and_nothing_that_the_project_has(tmp_path):
    """With hashes, and without an address: the index of another day serves as well."""
    found = read_libraries(inventory(tmp_path, packages=["rain"]))
    assert found.names == ("clouds 1.0", "rain 1.0")
    assert found.pins.count("--hash=sha256:") == 2
    assert "#" not in found.pins
    assert "://" not in found.text
    (step,) = lock_stage(found).steps
    assert str(step) == (
        f"here: write {tmp_path}/my.lock, which adds clouds 1.0, rain 1.0 (there is none)"
    )
    assert not (tmp_path / "my.lock").exists(), "reading writes nothing"


def test_a_lock_that_is_there_is_kept_whatever_the_index_has_now(rain, tmp_path, monkeypatch):
    """Until what it was made from changes; and then versions stay where they can."""
    assert lock_stage(locked(inventory(tmp_path, packages=["rain"]))).steps == ()
    rain.add("clouds", "2.0")
    rain.add("snow", "1.0")
    with monkeypatch.context() as nobody_asks:
        nobody_asks.setattr("cluster.stack.libraries.uv", None)
        kept = read_libraries(inventory(tmp_path, packages=["rain"]))
    assert (kept.names, lock_stage(kept).steps) == (("clouds 1.0", "rain 1.0"), ())
    more = read_libraries(inventory(tmp_path, packages=["rain", "snow"]))
    assert more.names == ("clouds 1.0", "rain 1.0", "snow 1.0")
    (step,) = lock_stage(more).steps
    assert step.why == "it was made from something else"
    (tmp_path / "my.lock").unlink()
    assert "clouds 2.0" in read_libraries(inventory(tmp_path, packages=["rain"])).names


@pytest.mark.usefixtures("rain")
@pytest.mark.parametrize("changed", ["requirements.lock", "requirements-hosts.lock"])
def test_other_versions_of_the_project_are_another_lock(tmp_path, monkeypatch, changed):
    """Those of the image and those of the client."""
    wanted = inventory(tmp_path, packages=["rain"])
    locked(wanted)
    for name in ("requirements.lock", "requirements-hosts.lock"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    monkeypatch.setattr("cluster.stack.libraries.RECIPE", tmp_path)
    assert lock_stage(read_libraries(wanted)).steps == ()
    with (tmp_path / changed).open("a") as file:
        file.write("# another version\n")
    (step,) = lock_stage(read_libraries(wanted)).steps
    assert step.why == "it was made from something else"


@pytest.mark.usefixtures("rain")
def test_a_lock_that_nobody_needs_any_more_goes(tmp_path):
    """And a file of that name that is somebody else's stays."""
    locked(inventory(tmp_path, packages=["rain"]))
    bare = inventory(tmp_path)
    (step,) = lock_stage(read_libraries(bare)).steps
    assert step.what == f"remove {tmp_path}/my.lock"
    assert locked(bare) == Libraries(tmp_path / "my.lock")
    (tmp_path / "my.lock").write_text("mine")
    assert lock_stage(read_libraries(bare)).steps == ()
    refused = read_libraries(inventory(tmp_path, packages=["rain"])).refusal
    assert refused.startswith(f"{tmp_path}/my.lock was not made by this program; move it away")


@pytest.mark.usefixtures("rain")
def test_a_requirements_file_lies_beside_the_inventory(tmp_path):
    """Its comments do not count."""
    wanted = inventory(tmp_path, requirements="more/rain.txt")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "rain.txt").write_text("# why\n\nrain>=1  # because\n")
    assert locked(wanted).names == ("clouds 1.0", "rain 1.0")
    (tmp_path / "more" / "rain.txt").write_text("rain>=1\n")
    assert lock_stage(read_libraries(wanted)).steps == ()


@pytest.mark.parametrize(
    ("packages", "words"),
    [
        (["numpy<1"], rf"you require numpy<1 and numpy=={re.escape(NUMPY)}"),
        (["old"], r"old depends? on numpy<1"),
        (["wind"], "wind was not found in the package registry"),
        (["rain>=>1"], "no such comparison operator"),
    ],
)
def test_what_cannot_be_added_is_refused_in_the_resolvers_words(rain, tmp_path, packages, words):
    """Behind one line with the key and the remedy."""
    rain.add("old", "1.0", "numpy<1")
    first, *others = read_libraries(inventory(tmp_path, packages=packages)).refusal.splitlines()
    assert first.startswith("image.packages: no version of these packages goes with")
    assert "change or leave out" in first
    assert re.search(words, "\n".join(others))


@pytest.mark.usefixtures("rain")
def test_an_index_that_does_not_answer_is_told_from_a_conflict(tmp_path, monkeypatch):
    """The remedy is another one."""
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    refusal = read_libraries(inventory(tmp_path, packages=["rain"])).refusal
    assert refusal.startswith("image.packages: the package index cannot be asked; check")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "does not exist; write it, or name it as it is called from the inventory's folder"),
        (b"\xff\xfe", "cannot be read: 'utf-8' codec"),
        (b"rain\n-r more.txt\n", "line 2: expected a package as the index calls it"),
        (b"rain @ https://example.org/rain.whl\n", "line 1: expected a package as the index"),
        (b"./rain.whl\n", "line 1: expected a package as the index calls it"),
    ],
)
def test_a_requirements_file_that_cannot_be_followed_is_refused(tmp_path, content, complaint):
    """With its name, and the line."""
    path = tmp_path / "rain.txt"
    if content is not None:
        path.write_bytes(content)
    refusal = read_libraries(inventory(tmp_path, requirements="rain.txt")).refusal
    assert refusal.startswith(f"image.requirements: {path}")
    assert complaint in refusal
    assert len(refusal.splitlines()) == 1


def test_a_folder_is_no_requirements_file(tmp_path):
    """Nor is what may not be read."""
    (tmp_path / "rain.txt").mkdir()
    refusal = read_libraries(inventory(tmp_path, requirements="rain.txt")).refusal
    assert refusal.startswith(f"image.requirements: {tmp_path}/rain.txt cannot be read: ")


def test_without_uv_the_remedy_is_to_install_it(tmp_path, monkeypatch):
    """And where nothing is added it is not needed."""
    monkeypatch.setitem(sys.modules, "uv", None)
    refusal = read_libraries(inventory(tmp_path, packages=["rain"])).refusal
    assert "uv, which is not installed here; install what requirements-hosts.lock" in refusal
    assert read_libraries(inventory(tmp_path)) == Libraries(tmp_path / "my.lock")


def test_the_tag_of_the_image_follows_the_lock_and_the_build_gets_it(rain, tmp_path):
    """What is added is another image; what is not added leaves it as it was."""
    bare = read_source(inventory(tmp_path))
    wanted = inventory(tmp_path, packages=["rain"])
    before = read_source(wanted)
    locked(wanted)
    assert read_source(wanted).context == before.context, "as the plan has said"
    assert before.context != bare.context
    rain.add("rain", "2.0")
    (tmp_path / "my.lock").unlink()
    assert read_source(wanted).context not in {before.context, bare.context}
    copy_context(tmp_path / "context", before.libraries.pins)
    assert (tmp_path / "context" / LIBRARIES).read_text() == before.libraries.pins


@pytest.mark.usefixtures("rain")
def test_the_lock_is_written_before_the_image_is_built_with_it(tmp_path):
    """One plan shows both."""
    wanted = inventory(tmp_path, packages=["rain"])
    found = read_source(wanted)
    there = facts.replace(facts.bare(facts.inventory()), source=found)
    plan = facts.plan_stack(facts.inventory(), there)
    names = [stage.name for stage in plan.stages]
    assert names.index("libraries") + 1 == names.index("build")
    (build,) = facts.actions(facts.inventory(), there, BuildImage)
    assert build.pins == found.libraries.pins


def test_a_build_that_fails_tells_what_failed_in_the_image(play):
    """The older builder writes that to standard output, and but a code to standard error."""
    play("print('rain cannot be imported'); sys.exit('the command returned a non-zero code')")
    with pytest.raises(ClusterError, match="rain cannot be imported; the command returned"):
        BuildImage("unix:///b.sock", "node:1", "python", "rain==1.0").apply()


def test_libraries_that_cannot_be_had_are_refused_before_any_machine_is_asked(tmp_path):
    """By `plan` and by `up`; what looks at the cluster or takes it down goes on."""

    def nobody(_: Inventory) -> None:
        raise AssertionError

    wanted = inventory(tmp_path, requirements="none.txt")
    read = lifecycle.Readers(nobody, nobody, lambda _: (tmp_path / "x").open("w"))
    for command in (lifecycle.plan, lambda *at: lifecycle.up(at[0], print, at[1])):
        with pytest.raises(ClusterError, match=r"none\.txt does not exist"):
            command(wanted, read)
    source = read_source(wanted)
    assert source.libraries.pins == ""
    there = facts.replace(facts.converged(facts.inventory()), source=source)
    with pytest.raises(ClusterError, match=r"none\.txt does not exist"):
        facts.plan_stack(facts.inventory(), there)


def test_the_oldest_python_is_the_projects():
    """The lock serves every Python that the project runs on."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == f">={OLDEST_PYTHON}"
    assert NONE.names == ()
