"""An image is not built if a package in it cannot be imported; the build says which, and why."""

from pathlib import Path

import pytest
from service import packages


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """An environment whose modules belong to packages as the test says."""
    owners: dict[str, list[str]] = {}
    modules = {
        "whole_library": "",
        "needs_the_system": "raise ImportError('libgomp.so.1: cannot open shared object file')",
        "wants_to_be_alone": "raise AssertionError('imported too late')",
    }
    for name, text in modules.items():
        (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(packages, "packages_distributions", lambda: owners)
    monkeypatch.setattr(packages, "FEATURES", ())
    return owners


def test_a_package_of_which_nothing_can_be_imported_is_named(environment):
    """With what it lacks and the remedy."""
    environment |= {"whole_library": ["whole"], "needs_the_system": ["broken"]}
    (sentence,) = packages.missing()
    assert sentence == (
        "broken cannot be imported in the image (libgomp.so.1: cannot open shared object file): "
        "name a base image with what it lacks in image.base, or leave it out"
    )


def test_a_module_for_another_use_is_no_lack(environment):
    """As libraries have them for optional extras, for tests, or to be imported first."""
    environment |= {
        "whole_library": ["library"],
        "needs_the_system": ["library"],
        "wants_to_be_alone": ["setuptools"],
        "tests": ["careless"],
        "..": ["careless"],
    }
    assert list(packages.missing()) == []


def test_what_no_package_imports_by_itself_is_looked_at_too(environment, monkeypatch):
    """By name."""
    environment["whole_library"] = ["library"]
    monkeypatch.setattr(packages, "FEATURES", ("whole_library.none",))
    (sentence,) = packages.missing()
    assert sentence.startswith("whole_library.none cannot be imported in the image")
