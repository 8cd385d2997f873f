"""A share that no longer responds ends a run instead of holding it for ever."""

import asyncio
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.engine.connect import connect
from pipeline.engine.liveness import Unresponsive, responds
from pipeline.engine.wait import Patience, wait_for
from pipeline.errors import ClusterError


@pytest.fixture
def stuck(tmp_path: Path) -> Path:
    """A path whose reading never comes to an end, as on a hard mount without its server."""
    path = tmp_path / "stuck.csv"
    os.mkfifo(path)
    return path


def test_reader_that_is_stuck_is_given_up(stuck: Path) -> None:
    """A read that does not end in time is no answer."""
    assert asyncio.run(responds(stuck, 0.3)) == (socket.gethostname(), False)


def test_file_that_is_there_or_not_is_an_answer(tmp_path: Path) -> None:
    """A file system that says no does answer."""
    there = tmp_path / "there"
    there.write_text("x")
    for path in (there, tmp_path / "absent"):
        assert asyncio.run(responds(path, 30)) == (socket.gethostname(), True)


def test_silence_counts_from_its_first_question_and_ends_with_an_answer() -> None:
    """The node that has been silent the longest is named, once it is for long enough."""
    silence = Unresponsive()
    silence.hear([("a", True), ("b", False)], 10)
    silence.hear([("a", False), ("b", False)], 20)
    assert silence.longer_than(30, 39) is None
    assert silence.longer_than(30, 40) == "b"
    silence.hear([("b", True)], 41)
    assert silence.longer_than(30, 49) is None
    assert silence.longer_than(30, 50) == "a"


def test_run_on_a_silent_share_ends_and_names_node_and_file(
    stuck: Path, record_property: Callable[[str, object], None]
) -> None:
    """The error comes although the task itself never would."""
    patience = Patience(silent=0, answer=0.2, between_questions=0.1)
    with connect(workers=1) as client, pytest.raises(ClusterError) as caught:
        wait_for(client, client.submit(time.sleep, 5), [stuck], patience)
    assert str(caught.value).startswith(f"node {socket.gethostname()} has waited")
    assert str(stuck) in str(caught.value)
    record_property("seen", str(caught.value))
