"""What the project needs is locked, explained, and named once."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = sorted(ROOT.glob("requirements*.lock"))


def declared() -> list[str]:
    """The packages that pyproject.toml asks for, in whichever list."""
    metadata = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project, groups = metadata["project"], metadata["dependency-groups"]
    extras = project.get("optional-dependencies", {})
    wanted = [project["dependencies"], *extras.values(), *groups.values()]
    return sorted({re.split(r"[<>=\[]", entry)[0] for entries in wanted for entry in entries})


def pinned(lock: Path) -> dict[str, str]:
    """The versions in a lock."""
    text = lock.read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9.-]+)(?:\[.*?\])?==([^ ;\\]+)", text, re.MULTILINE))


@pytest.mark.parametrize("package", declared())
def test_a_dependency_is_locked_and_explained(package):
    """Each package of pyproject.toml has a version in the lock and a reason in the decisions."""
    reasons = (ROOT / "docs" / "decisions" / "dependencies.md").read_text(encoding="utf-8")
    assert package in pinned(ROOT / "requirements-dev.lock"), "run make lock"
    assert re.search(rf"\b{re.escape(package)}\b", reasons)


def test_the_locks_agree():
    """No package has one version in one lock and another in another."""
    everything = pinned(ROOT / "requirements-dev.lock")
    for lock in LOCKS:
        versions = pinned(lock)
        assert versions
        assert versions.items() <= everything.items(), lock.name


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_names_no_index(lock):
    """A mirror serves as well as any index, so a lock has no address."""
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^--", text, re.MULTILINE)
