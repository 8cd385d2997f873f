"""A file is complete under its name, or not there."""

from __future__ import annotations

import pytest

from pipeline.atomic import atomic


def test_a_file_appears_only_when_complete(tmp_path):
    """A failure while writing leaves what was under the name before, and nothing beside it."""
    path = tmp_path / "results.json"
    path.write_text("old")

    def write_half() -> None:
        with atomic(path) as stream:
            stream.write("new")
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        write_half()
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [
        ("results.json", "old")
    ]


def test_a_complete_file_replaces_the_old_one(tmp_path):
    """The new content lies under the name, its line ends as written, and nothing beside it."""
    path = tmp_path / "results.csv"
    path.write_text("old")
    with atomic(path) as stream:
        stream.write("a,b\r\n1,2\n")
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [
        ("results.csv", b"a,b\r\n1,2\n")
    ]


def test_a_device_is_never_replaced(tmp_path):
    """What is not a regular file is refused instead of being renamed away."""
    with pytest.raises(OSError, match="not a regular file"), atomic(tmp_path):
        raise AssertionError("the block must not run")
