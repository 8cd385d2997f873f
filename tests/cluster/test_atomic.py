"""A file is complete under its name, or what was there before stays."""

import os

import pytest

from cluster.atomic import write_atomically


def test_content_and_permissions_are_as_asked_whatever_the_umask(tmp_path):
    """And nothing is left beside the file."""
    path = tmp_path / "file"
    umask = os.umask(0o077)
    try:
        write_atomically(path, b"one", 0o644)
        write_atomically(path, b"two", 0o644)
    finally:
        os.umask(umask)
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_what_was_there_and_no_draft(tmp_path):
    """A folder cannot be replaced by a file."""
    path = tmp_path / "folder"
    path.mkdir()
    (path / "mine").touch()
    with pytest.raises(OSError, match="folder"):
        write_atomically(path, b"one", 0o600)
    assert list(tmp_path.iterdir()) == [path]
    assert [found.name for found in path.iterdir()] == ["mine"]
