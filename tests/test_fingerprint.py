"""The fingerprints of the source, which decide whether a worker and a compiled kernel fit."""

import importlib
import shutil
import sys
from pathlib import Path

import pytest

import pipeline.fingerprint

SOURCE = Path(pipeline.fingerprint.__file__)


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A package of its own with the module under test, a kernel, and a module in a folder."""
    package = tmp_path / "fingerprinted"
    (package / "inner").mkdir(parents=True)
    shutil.copy(SOURCE, package / "own.py")
    (package / "jit.py").write_text("kernel = len\n")
    (package / "inner" / "sums.py").write_text("from fingerprinted.jit import kernel\n")
    (package / "inner" / "other.py").write_text("X = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield package, importlib.import_module("fingerprinted.own").fingerprint
    sys.modules.pop("fingerprinted.own")
    sys.modules.pop("fingerprinted")


@pytest.mark.parametrize(
    ("file", "of_kernels"), [("jit.py", True), ("inner/sums.py", True), ("inner/other.py", False)]
)
def test_a_change_in_any_folder_changes_the_fingerprint(copy, file, of_kernels):
    """The package's changes always, the kernels' when the change can change a kernel."""
    package, fingerprint = copy
    before = fingerprint(), fingerprint("fingerprinted.jit")
    with (package / file).open("a") as stream:
        stream.write("# changed\n")
    assert fingerprint() != before[0]
    assert (fingerprint("fingerprinted.jit") != before[1]) is of_kernels


def test_a_module_that_nothing_imports_has_no_fingerprint(copy):
    """A key that covers no kernel would let kernels run as they once were."""
    with pytest.raises(LookupError, match=r"fingerprinted\.kernels"):
        copy[1]("fingerprinted.kernels")


def test_the_package_itself_has_kernels():
    """And a name that it does not import has none."""
    assert pipeline.fingerprint.fingerprint("pipeline.numeric.jit")
    with pytest.raises(LookupError, match=r"pipeline\.numeric\.nothing"):
        pipeline.fingerprint.fingerprint("pipeline.numeric.nothing")
